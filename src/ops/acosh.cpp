// The inverse of the hyperbolic cosine.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct AreaCosine {
  template <class T>
  T operator()(T x) const noexcept {
    return std::acosh(x);
  }
};

constexpr auto kernels = unary_rows<AreaCosine, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef acosh{.name = "acosh",
                             .help = "The number, not negative, with this hyperbolic cosine; NaN below 1.",
                             .infer = &infer_unary,
                             .reference = kernels};

}  // namespace qgraph::ops
