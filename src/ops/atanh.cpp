// The inverse of the hyperbolic tangent.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct AreaTangent {
  template <class T>
  T operator()(T x) const noexcept {
    return std::atanh(x);
  }
};

constexpr auto kernels = unary_rows<AreaTangent, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef atanh{
    .name = "atanh", .help = "The number with this hyperbolic tangent.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
