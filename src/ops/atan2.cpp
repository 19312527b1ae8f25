// The angle of the point (x, y), with broadcasting.
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/support/binary.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_binary(c, "atan2", Meets::scaled); }  // atan2_c1, c2, c3

struct Angle {
  template <class T>
  T operator()(T y, T x) const noexcept {
    return std::atan2(y, x);
  }
};

constexpr auto kernels = binary_rows<Angle, float, double, Float16, BFloat16>();

}  // namespace

extern constexpr OpDef atan2{.name = "atan2",
                             .help = "The angle of the point (x, y) in (-pi, pi].",
                             .inputs = "y x",
                             .infer = &infer,
                             .reference = kernels};

}  // namespace qgraph::ops
