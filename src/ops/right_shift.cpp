// Integers shifted to the right, with broadcasting.
#include "ops/op_def.hpp"
#include "ops/support/binary.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_binary(c, "right_shift", Meets::stored); }  // right_shift_c1, c2

/// Distances below 0 are 0, too large ones leave the sign.
struct Shift {
  template <class T>
  T operator()(T x, T y) const noexcept {
    constexpr T most = sizeof(T) * 8 - 1;
    return static_cast<T>(x >> (y < T{0} ? T{0} : y > most ? most : y));
  }
};

constexpr auto kernels = binary_rows<Shift, std::int32_t, std::int64_t, std::int16_t, std::int8_t, std::uint8_t, std::uint16_t,
                                     std::uint32_t, std::uint64_t>();

}  // namespace

extern constexpr OpDef right_shift{
    .name = "right_shift",
    .help = "x >> y with NumPy broadcasting; signed integers keep their sign, distances are limited to [0, bits - 1].",
    .inputs = "x y",
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
