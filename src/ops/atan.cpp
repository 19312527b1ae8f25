// The inverse of the tangent.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Arctangent {
  template <class T>
  T operator()(T x) const noexcept {
    return std::atan(x);
  }
};

constexpr auto kernels = unary_rows<Arctangent, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef atan{
    .name = "atan", .help = "The angle in [-pi/2, pi/2] with this tangent.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
