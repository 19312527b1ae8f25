// The floor of x / y, with broadcasting.
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/support/binary.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_binary(c, "floor_div", Meets::scaled); }  // floor_div_c1, c2, c3

struct FloorQuotient {
  static constexpr bool divides = true;
  template <class T>
  T operator()(T x, T y) const noexcept {
    if constexpr (std::is_integral_v<T>) {
      if constexpr (std::is_signed_v<T>) {
        if (y == T(-1)) return wrapping_subtract(T{0}, x);
        const auto q = static_cast<T>(x / y);
        return x % y != 0 && (x < 0) != (y < 0) ? static_cast<T>(q - 1) : q;
      } else {
        return static_cast<T>(x / y);
      }
    } else {
      return static_cast<T>(std::floor(static_cast<double>(x) / static_cast<double>(y)));  // in double, as the reference
    }
  }
};

constexpr auto kernels = binary_rows<FloorQuotient, float, std::int32_t, std::int64_t, std::int16_t, std::int8_t, std::uint8_t,
                                     std::uint16_t, std::uint32_t, std::uint64_t, Float16, BFloat16, double>();

}  // namespace

extern constexpr OpDef floor_div{.name = "floor_div",
                                 .help = "floor(x / y) with NumPy broadcasting; integers fail where y is 0.",
                                 .inputs = "x y",
                                 .infer = &infer,
                                 .reference = kernels};

}  // namespace qgraph::ops
