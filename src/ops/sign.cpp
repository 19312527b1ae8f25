// -1, 0 or 1
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

/// NaN stays.
struct Sign {
  template <class T>
  T operator()(T x) const noexcept {
    return x > 0 ? T(1) : x < 0 ? T(-1) : x == 0 ? T(0) : x;
  }
};

constexpr auto kernels =
    unary_rows<Sign, float, double, Float16, BFloat16, std::int32_t, std::int64_t, std::int16_t, std::int8_t>();

}  // namespace

extern constexpr OpDef sign{
    .name = "sign", .help = "-1, 0 or 1 for x below, at or above 0.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
