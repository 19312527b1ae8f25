// The inverse of the sine.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Arcsine {
  template <class T>
  T operator()(T x) const noexcept {
    return std::asin(x);
  }
};

constexpr auto kernels = unary_rows<Arcsine, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef asin{
    .name = "asin", .help = "The angle in [-pi/2, pi/2] with this sine.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
