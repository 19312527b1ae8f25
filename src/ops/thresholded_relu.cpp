// thresholded_relu: x where x > alpha, else 0.
#include "ops/support/float_map.hpp"

namespace qgraph::ops {
namespace {

struct ThresholdedRelu {
  float alpha = 1.0F;
};
constexpr std::array attributes{attr<&ThresholdedRelu::alpha>("alpha", "the threshold")};

struct Formula {
  using Attributes = ThresholdedRelu;
  static float of(float x, const Attributes& a) noexcept { return x > a.alpha ? x : 0.0F; }
};

}  // namespace

extern constexpr OpDef thresholded_relu{.name = "thresholded_relu",
                                        .help = "x above alpha, else 0. ONNX's ThresholdedRelu.",
                                        .exactness = Exactness::float_order,
                                        .attributes = attribute_table<ThresholdedRelu>(attributes),
                                        .infer = &infer_same,
                                        .reference = float_map_kernels<Formula>};

}  // namespace qgraph::ops
