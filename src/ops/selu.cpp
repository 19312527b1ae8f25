// selu: gamma * x where x > 0, else gamma * alpha * (exp(x) - 1).
#include "ops/support/float_map.hpp"

namespace qgraph::ops {
namespace {

struct Selu {
  float alpha = 1.67326319217681884765625F;
  float gamma = 1.05070102214813232421875F;
};
constexpr std::array attributes{attr<&Selu::alpha>("alpha", "factor of the exponential"),
                                attr<&Selu::gamma>("gamma", "factor of all")};

struct Formula {
  using Attributes = Selu;
  static float of(float x, const Attributes& a) noexcept { return a.gamma * (x > 0.0F ? x : a.alpha * (std::exp(x) - 1.0F)); }
};

}  // namespace

extern constexpr OpDef selu{.name = "selu",
                            .help = "gamma * x above zero, else gamma * alpha * (exp(x) - 1). ONNX's Selu.",
                            .exactness = Exactness::float_order,
                            .attributes = attribute_table<Selu>(attributes),
                            .infer = &infer_same,
                            .reference = float_map_kernels<Formula>};

}  // namespace qgraph::ops
