// Ops that a host brings: its std::function behind the interface of kernels.
#pragma once

#include "ops/kernel.hpp"

namespace qgraph::runtime {

/// KernelFn; `prepared` is the HostOp, `scratch` has room for the views.
void run_host_op(const KernelArgs& args) noexcept;
std::size_t host_op_scratch(std::size_t inputs, std::size_t outputs) noexcept;

}  // namespace qgraph::runtime
