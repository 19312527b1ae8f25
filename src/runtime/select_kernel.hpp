// Which kernel runs a node, and what it prepares: the one place that chooses, and the one place that prepares.
#pragma once

#include <memory>
#include <span>

#include "ops/op_def.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {

/// The reference kernel for a node with operands of these types (null: left out), or an unsupported-dtype error that names what
/// there is.
Result<KernelDef> select_kernel(const Node& node, std::span<const TensorType* const> inputs);

/// Runs the kernel's prepare, if it has one, and lets a fast kernel take over where there is one. Inputs that are not constant
/// have null data; types are concrete.
Result<Prepared> prepare_kernel(const Node& node, const KernelDef& kernel, std::span<const View> inputs,
                                std::span<const View> outputs, const Execution& execution);

}  // namespace qgraph::runtime
