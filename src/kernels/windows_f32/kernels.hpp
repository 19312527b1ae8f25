// A table row per instruction set, each in the file of its name.
#pragma once

#include "kernels/windows_f32/windows_f32.hpp"

namespace qgraph::kernels {

extern const WindowsF32Kernel windows_f32_neon;
extern const WindowsF32Kernel windows_f32_sse41;
extern const WindowsF32Kernel windows_f32_avx2;
extern const WindowsF32Kernel windows_f32_avx512_vnni;

}  // namespace qgraph::kernels
