// softsign: x / (1 + |x|).
#include "ops/support/float_map.hpp"

namespace qgraph::ops {
namespace {

struct Formula {
  using Attributes = NoAttributes;
  static float of(float x, const Attributes&) noexcept { return x / (1.0F + std::abs(x)); }
};

}  // namespace

extern constexpr OpDef softsign{.name = "softsign",
                                .help = "x / (1 + |x|). ONNX's Softsign.",
                                .exactness = Exactness::float_order,
                                .infer = &infer_same,
                                .reference = float_map_kernels<Formula>};

}  // namespace qgraph::ops
