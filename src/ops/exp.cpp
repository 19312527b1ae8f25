// e to the power x
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Exp {
  template <class T>
  T operator()(T x) const noexcept {
    return std::exp(x);
  }
  static float of(float x, const TensorType&) noexcept { return std::exp(x); }
};

constexpr auto kernels = join(table_rows<Exp>(), unary_rows<Exp, float, double, Float16, BFloat16>());

}  // namespace

extern constexpr OpDef exp{.name = "exp",
                           .help = "e to the power x. Quantized values by TensorFlow Lite's tables.",
                           .infer = &infer_unary,
                           .reference = kernels};

}  // namespace qgraph::ops
