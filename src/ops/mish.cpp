// mish: x * tanh(log(1 + exp(x))).
#include "ops/support/float_map.hpp"

namespace qgraph::ops {
namespace {

struct Formula {
  using Attributes = NoAttributes;
  static float of(float x, const Attributes&) noexcept {
    return x * std::tanh(std::max(x, 0.0F) + std::log1p(std::exp(-std::abs(x))));
  }
};

}  // namespace

extern constexpr OpDef mish{.name = "mish",
                            .help = "x * tanh(log(1 + exp(x))). ONNX's Mish.",
                            .exactness = Exactness::float_order,
                            .infer = &infer_same,
                            .reference = float_map_kernels<Formula>};

}  // namespace qgraph::ops
