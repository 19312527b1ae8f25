// hard_sigmoid: alpha * x + beta, clamped to [0, 1].
#include "ops/support/float_map.hpp"

namespace qgraph::ops {
namespace {

struct HardSigmoid {
  float alpha = 0.2F;
  float beta = 0.5F;
};
constexpr std::array attributes{attr<&HardSigmoid::alpha>("alpha", "slope"), attr<&HardSigmoid::beta>("beta", "offset")};

struct Formula {
  using Attributes = HardSigmoid;
  static float of(float x, const Attributes& a) noexcept { return std::max(0.0F, std::min(1.0F, a.alpha * x + a.beta)); }
};

}  // namespace

extern constexpr OpDef hard_sigmoid{.name = "hard_sigmoid",
                                    .help = "alpha * x + beta between 0 and 1. ONNX's HardSigmoid.",
                                    .exactness = Exactness::float_order,
                                    .attributes = attribute_table<HardSigmoid>(attributes),
                                    .infer = &infer_same,
                                    .reference = float_map_kernels<Formula>};

}  // namespace qgraph::ops
