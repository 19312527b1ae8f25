// Integers shifted to the left, with broadcasting.
#include "ops/op_def.hpp"
#include "ops/support/binary.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_binary(c, "left_shift", Meets::stored); }  // left_shift_c1, c2

/// Distances below 0, and too large ones, shift everything out, as in NumPy.
struct Shift {
  template <class T>
  T operator()(T x, T y) const noexcept {
    return y < T{0} || y >= static_cast<T>(sizeof(T) * 8) ? T{0} : static_cast<T>(static_cast<std::uint64_t>(x) << y);
  }
};

constexpr auto kernels = binary_rows<Shift, std::int32_t, std::int64_t, std::int16_t, std::int8_t, std::uint8_t, std::uint16_t,
                                     std::uint32_t, std::uint64_t>();

}  // namespace

extern constexpr OpDef left_shift{.name = "left_shift",
                                  .help = "x << y with NumPy broadcasting; the bits that fall out are lost.",
                                  .inputs = "x y",
                                  .infer = &infer,
                                  .reference = kernels};

}  // namespace qgraph::ops
