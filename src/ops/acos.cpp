// The inverse of the cosine.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Arccosine {
  template <class T>
  T operator()(T x) const noexcept {
    return std::acos(x);
  }
};

constexpr auto kernels = unary_rows<Arccosine, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef acos{
    .name = "acos", .help = "The angle in [0, pi] with this cosine.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
