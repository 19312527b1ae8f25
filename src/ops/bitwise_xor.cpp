// The bits in which two integers differ, with broadcasting.
#include "ops/op_def.hpp"
#include "ops/support/comparison.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_binary(c, "bitwise_xor", Meets::stored); }  // bitwise_xor_c1, c2

struct Xor {
  template <class T>
  T operator()(T x, T y) const noexcept {
    return static_cast<T>(x ^ y);
  }
};

struct Differ {
  bool operator()(bool x, bool y) const noexcept { return x != y; }
};

constexpr auto kernels = join(binary_rows<Xor, std::int32_t, std::int64_t, std::int16_t, std::int8_t, std::uint8_t, std::uint16_t,
                                          std::uint32_t, std::uint64_t>(),
                              std::array{kernel(DType::boolean, run_boolean_comparison<Differ>, prepare_broadcast)});

}  // namespace

extern constexpr OpDef bitwise_xor{.name = "bitwise_xor",
                                   .help = "x ^ y of integers or booleans with NumPy broadcasting.",
                                   .inputs = "x y",
                                   .infer = &infer,
                                   .reference = kernels};

}  // namespace qgraph::ops
