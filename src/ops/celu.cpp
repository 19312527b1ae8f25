// celu: x where x > 0, else alpha * (exp(x / alpha) - 1).
#include "ops/support/float_map.hpp"

namespace qgraph::ops {
namespace {

struct Celu {
  float alpha = 1.0F;
};
constexpr std::array attributes{attr<&Celu::alpha>("alpha", "how fast it falls to -alpha")};

struct Formula {
  using Attributes = Celu;
  static float of(float x, const Attributes& a) noexcept { return x > 0.0F ? x : a.alpha * (std::exp(x / a.alpha) - 1.0F); }
};

}  // namespace

extern constexpr OpDef celu{.name = "celu",
                            .help = "x above zero, else alpha * (exp(x / alpha) - 1). ONNX's Celu.",
                            .exactness = Exactness::float_order,
                            .attributes = attribute_table<Celu>(attributes),
                            .infer = &infer_same,
                            .reference = float_map_kernels<Formula>};

}  // namespace qgraph::ops
