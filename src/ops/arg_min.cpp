// arg_min: the position of the minimum along an axis.
#include "ops/support/arg.hpp"

namespace qgraph::ops {
namespace {

// arg_min_c1: one axis, int32 or int64, of the input's; c2: the axis is not empty; c3: output_type is int32 or int64.
Result<Types> infer(const InferContext& c) { return infer_arg(c, "arg_min"); }

}  // namespace

extern constexpr OpDef arg_min{
    .name = "arg_min",
    .help = "The position of the minimum along an axis, of equal ones the first. TensorFlow Lite's ARG_MIN, ONNX's ArgMin.",
    .inputs = "input axis",
    .attributes = attribute_table<ArgExtreme>(arg_attributes),
    .infer = &infer,
    .reference = arg_kernels<false>};

}  // namespace qgraph::ops
