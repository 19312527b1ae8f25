// The sine.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Sine {
  template <class T>
  T operator()(T x) const noexcept {
    return std::sin(x);
  }
};

constexpr auto kernels = unary_rows<Sine, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef sin{.name = "sin", .help = "The sine.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
