// logistic: 1 / (1 + exp(-x)).
#include "ops/support/sigmoid_kernels.hpp"

namespace qgraph::ops {
namespace {

float tabled(float x) noexcept { return 1.0F / (1.0F + std::exp(-x)); }

/// Beyond both ends the reference takes a shorter way.
float value(float x) noexcept {
  if (x > 16.619047164916992188F) return 1.0F;
  if (x < -9.0F) return std::exp(x);
  return tabled(x);
}

}  // namespace

extern constexpr OpDef logistic{.name = "logistic",
                                .help = "1 / (1 + exp(-x)); quantized by table. TensorFlow Lite's LOGISTIC, ONNX's Sigmoid.",
                                .attributes = attribute_table<polynomials::Polynomial>(sigmoid_attributes),
                                .infer = &infer_same,
                                .reference = sigmoid_kernels<value, polynomials::logistic, tabled, &SigmoidTable::logistic, 0>};

}  // namespace qgraph::ops
