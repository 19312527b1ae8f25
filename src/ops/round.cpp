// The nearest whole number, half to even.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Round {
  template <class T>
  T operator()(T x) const noexcept {
    return std::nearbyint(x);
  }
};

constexpr auto kernels = unary_rows<Round, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef round{
    .name = "round", .help = "The nearest whole number, half to even.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
