// The error function.
#include "ops/op_def.hpp"
#include "ops/support/polynomials.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct ErrorFunction {
  template <class T>
  T operator()(T x) const noexcept {
    if constexpr (std::is_same_v<T, float>)
      return polynomials::erf(x);  // ONNX's alone
    else
      return std::erf(x);
  }
};

constexpr auto kernels = unary_rows<ErrorFunction, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef erf{.name = "erf",
                           .help = "The error function: twice the integral of exp(-t*t) from 0 to x, over the root of pi.",
                           .infer = &infer_unary,
                           .reference = kernels};

}  // namespace qgraph::ops
