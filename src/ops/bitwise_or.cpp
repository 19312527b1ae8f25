// The bits that either of two integers has, with broadcasting.
#include "ops/op_def.hpp"
#include "ops/support/comparison.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_binary(c, "bitwise_or", Meets::stored); }  // bitwise_or_c1, c2

struct Or {
  template <class T>
  T operator()(T x, T y) const noexcept {
    return static_cast<T>(x | y);
  }
};

struct OfOr {
  bool operator()(bool x, bool y) const noexcept { return x || y; }
};

constexpr auto kernels = join(binary_rows<Or, std::int32_t, std::int64_t, std::int16_t, std::int8_t, std::uint8_t, std::uint16_t,
                                          std::uint32_t, std::uint64_t>(),
                              std::array{kernel(DType::boolean, run_boolean_comparison<OfOr>, prepare_broadcast)});

}  // namespace

extern constexpr OpDef bitwise_or{.name = "bitwise_or",
                                  .help = "x | y of integers or booleans with NumPy broadcasting.",
                                  .inputs = "x y",
                                  .infer = &infer,
                                  .reference = kernels};

}  // namespace qgraph::ops
