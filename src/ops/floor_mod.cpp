// What is left of x after floor(x / y) * y, with broadcasting.
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/support/binary.hpp"

namespace qgraph::ops {
namespace {

struct Mod {
  bool truncate = false;
};
constexpr std::array attributes{attr<&Mod::truncate>("truncate", "the result has the sign of x (C's fmod), not of y")};

Result<Types> infer(const InferContext& c) { return infer_binary(c, "floor_mod", Meets::scaled); }  // floor_mod_c1, c2, c3

template <class T>
T remainder(T x, T y) noexcept {
  if constexpr (!std::is_integral_v<T>)
    return std::fmod(x, y);
  else if constexpr (std::is_signed_v<T>)
    return y == T(-1) ? T{0} : static_cast<T>(x % y);
  else
    return static_cast<T>(x % y);
}

template <bool truncate>
struct Remainder {
  static constexpr bool divides = true;
  template <class T>
  T operator()(T x, T y) const noexcept {
    const T rest = remainder(x, y);
    return !truncate && rest != 0 && (y < 0) != (rest < 0) ? static_cast<T>(rest + y) : rest;
  }
};

template <class T>
void run(const KernelArgs& a) noexcept {
  if (a.attributes<Mod>().truncate)
    run_binary<T, Remainder<true>>(a);
  else
    run_binary<T, Remainder<false>>(a);
}

template <class... T>
constexpr std::array<KernelDef, sizeof...(T)> rows() {
  return {kernel(dtype_of<T>, run<T>, prepare_broadcast)...};
}
constexpr auto kernels = rows<float, std::int32_t, std::int64_t, std::int16_t, std::int8_t, std::uint8_t, std::uint16_t,
                              std::uint32_t, std::uint64_t, Float16, BFloat16, double>();

}  // namespace

extern constexpr OpDef floor_mod{
    .name = "floor_mod",
    .help = "x - floor(x / y) * y with NumPy broadcasting (with truncate: x - trunc(x / y) * y); integers fail where y is 0.",
    .inputs = "x y",
    .attributes = attribute_table<Mod>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
