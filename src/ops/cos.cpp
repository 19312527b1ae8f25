// The cosine.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Cosine {
  template <class T>
  T operator()(T x) const noexcept {
    return std::cos(x);
  }
};

constexpr auto kernels = unary_rows<Cosine, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef cos{.name = "cos", .help = "The cosine.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
