// The hyperbolic cosine.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct HyperbolicCosine {
  template <class T>
  T operator()(T x) const noexcept {
    return std::cosh(x);
  }
};

constexpr auto kernels = unary_rows<HyperbolicCosine, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef cosh{.name = "cosh", .help = "The hyperbolic cosine.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
