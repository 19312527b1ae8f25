// The tangent.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Tangent {
  template <class T>
  T operator()(T x) const noexcept {
    return std::tan(x);
  }
};

constexpr auto kernels = unary_rows<Tangent, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef tan{.name = "tan", .help = "The tangent.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
