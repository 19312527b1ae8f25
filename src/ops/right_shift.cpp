// Integers shifted to the right, with broadcasting.
#include "ops/op_def.hpp"
#include "ops/support/binary.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_binary(c, "right_shift", Meets::stored); }  // right_shift_c1, c2

struct RightShift {
  bool negative_is_far = false;
};
constexpr std::array attributes{
    attr<&RightShift::negative_is_far>("negative_is_far", "distances below 0 leave the sign too (NumPy); else they are 0")};

/// Distances below 0 are 0 (or far), too large ones leave the sign.
template <bool far>
struct Shift {
  template <class T>
  T operator()(T x, T y) const noexcept {
    constexpr T most = sizeof(T) * 8 - 1;
    return static_cast<T>(x >> (y < T{0} ? (far ? most : T{0}) : y > most ? most : y));
  }
};

template <class T>
void run(const KernelArgs& a) noexcept {
  if (a.attributes<RightShift>().negative_is_far)
    run_binary<T, Shift<true>>(a);
  else
    run_binary<T, Shift<false>>(a);
}
template <class... T>
constexpr std::array<KernelDef, sizeof...(T)> rows() {
  return {kernel(dtype_of<T>, run<T>, prepare_broadcast)...};
}
constexpr auto kernels =
    rows<std::int32_t, std::int64_t, std::int16_t, std::int8_t, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>();

}  // namespace

extern constexpr OpDef right_shift{
    .name = "right_shift",
    .help = "x >> y with NumPy broadcasting; signed integers keep their sign, distances are limited to [0, bits - 1].",
    .inputs = "x y",
    .attributes = attribute_table<RightShift>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
