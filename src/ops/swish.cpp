// swish: x / (1 + exp(-alpha * x)).
#include "ops/support/float_map.hpp"

namespace qgraph::ops {
namespace {

struct Swish {
  float alpha = 1.0F;
};
constexpr std::array attributes{attr<&Swish::alpha>("alpha", "factor inside the sigmoid; 1.702 makes QuickGelu")};

struct Formula {
  using Attributes = Swish;
  static float of(float x, const Attributes& a) noexcept { return x / (1.0F + std::exp(-a.alpha * x)); }
};

}  // namespace

extern constexpr OpDef swish{.name = "swish",
                             .help = "x times the sigmoid of alpha * x. ONNX's Swish, ONNX Runtime's QuickGelu.",
                             .exactness = Exactness::float_order,
                             .attributes = attribute_table<Swish>(attributes),
                             .infer = &infer_same,
                             .reference = float_map_kernels<Formula>};

}  // namespace qgraph::ops
