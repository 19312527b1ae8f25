// The inverse of the hyperbolic sine.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct AreaSine {
  template <class T>
  T operator()(T x) const noexcept {
    return std::asinh(x);
  }
};

constexpr auto kernels = unary_rows<AreaSine, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef asinh{
    .name = "asinh", .help = "The number with this hyperbolic sine.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
