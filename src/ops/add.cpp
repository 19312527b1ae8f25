// x + y, with broadcasting and a fused activation.
#include "ops/support/quantized_sum.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_binary(c, "add", Meets::scaled); }  // add_c1, c2, c3

}  // namespace

extern constexpr OpDef add{.name = "add",
                           .help =
                               "x + y with NumPy broadcasting. Quantized operands are brought to a common scale in fixed point "
                               "as TensorFlow Lite's reference kernels do.",
                           .inputs = "x y",
                           .attributes = attribute_table<Arithmetic>(sum_attributes),
                           .infer = &infer,
                           .reference = sum_kernels<+1>};

}  // namespace qgraph::ops
