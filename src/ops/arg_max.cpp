// arg_max: the position of the maximum along an axis.
#include "ops/support/arg.hpp"

namespace qgraph::ops {
namespace {

// arg_max_c1: one axis, int32 or int64, of the input's; c2: the axis is not empty; c3: output_type is int32 or int64.
Result<Types> infer(const InferContext& c) { return infer_arg(c, "arg_max"); }

}  // namespace

extern constexpr OpDef arg_max{
    .name = "arg_max",
    .help = "The position of the maximum along an axis, of equal ones the first. TensorFlow Lite's ARG_MAX, ONNX's ArgMax.",
    .inputs = "input axis",
    .attributes = attribute_table<ArgExtreme>(arg_attributes),
    .infer = &infer,
    .reference = arg_kernels<true>};

}  // namespace qgraph::ops
