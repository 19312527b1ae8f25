// The smallest whole number that is not below x.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Ceil {
  template <class T>
  T operator()(T x) const noexcept {
    return std::ceil(x);
  }
};

constexpr auto kernels = unary_rows<Ceil, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef ceil{
    .name = "ceil", .help = "The smallest whole number that is not below x.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
