// x * x
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Square {
  template <class T>
  T operator()(T x) const noexcept {
    if constexpr (std::is_integral_v<T>)
      return wrapping_multiply(x, x);
    else
      return x * x;
  }
};

constexpr auto kernels = unary_rows<Square, float, double, Float16, BFloat16, std::int32_t, std::int64_t>();

}  // namespace

extern constexpr OpDef square{.name = "square", .help = "x * x.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
