// x - y, with broadcasting and a fused activation.
#include "ops/support/quantized_sum.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_binary(c, "sub", Meets::scaled); }  // sub_c1, c2, c3

}  // namespace

extern constexpr OpDef sub{.name = "sub",
                           .help =
                               "x - y with NumPy broadcasting. Quantized operands are brought to a common scale in fixed point "
                               "as TensorFlow Lite's reference kernels do.",
                           .inputs = "x y",
                           .attributes = attribute_table<Arithmetic>(sum_attributes),
                           .infer = &infer,
                           .reference = sum_kernels<-1>};

}  // namespace qgraph::ops
