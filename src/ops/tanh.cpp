// tanh: the hyperbolic tangent.
#include "ops/support/sigmoid_kernels.hpp"

namespace qgraph::ops {
namespace {

float value(float x) noexcept { return std::tanh(x); }

}  // namespace

extern constexpr OpDef tanh{.name = "tanh",
                            .help = "The hyperbolic tangent; quantized by table. TensorFlow Lite's TANH, ONNX's Tanh.",
                            .attributes = attribute_table<polynomials::Polynomial>(sigmoid_attributes),
                            .infer = &infer_same,
                            .reference = sigmoid_kernels<value, polynomials::tanh, value, &SigmoidTable::tanh, 1>};

}  // namespace qgraph::ops
