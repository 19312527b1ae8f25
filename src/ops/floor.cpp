// The largest whole number that is not above x.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Floor {
  template <class T>
  T operator()(T x) const noexcept {
    return std::floor(x);
  }
};

constexpr auto kernels = unary_rows<Floor, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef floor{
    .name = "floor", .help = "The largest whole number that is not above x.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
