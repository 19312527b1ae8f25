// The hyperbolic sine.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct HyperbolicSine {
  template <class T>
  T operator()(T x) const noexcept {
    return std::sinh(x);
  }
};

constexpr auto kernels = unary_rows<HyperbolicSine, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef sinh{.name = "sinh", .help = "The hyperbolic sine.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
