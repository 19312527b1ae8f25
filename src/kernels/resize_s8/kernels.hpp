// A table row per instruction set, each in the file of its name.
#pragma once

#include "kernels/resize_s8/resize_s8.hpp"

namespace qgraph::kernels {

extern const ResizeKernel resize_s8_avx2;
extern const ResizeKernel resize_s8_avx512_vnni;

}  // namespace qgraph::kernels
