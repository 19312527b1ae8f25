// The smaller of two values, with broadcasting.
#include "ops/op_def.hpp"
#include "ops/support/binary.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_binary(c, "minimum", Meets::stored); }  // minimum_c1, c2

/// Where one is NaN: y.
struct Smaller {
  template <class T>
  T operator()(T x, T y) const noexcept {
    return x < y ? x : y;
  }
};

constexpr auto kernels = join(std::array{kernel(DType::qint8, run_binary<std::int8_t, Smaller>, prepare_broadcast),
                                         kernel(DType::quint8, run_binary<std::uint8_t, Smaller>, prepare_broadcast),
                                         kernel(DType::qint16, run_binary<std::int16_t, Smaller>, prepare_broadcast),
                                         kernel(DType::qint32, run_binary<std::int32_t, Smaller>, prepare_broadcast)},
                              binary_rows<Smaller, float, std::int32_t, std::int64_t, Float16, BFloat16, double, std::int8_t,
                                          std::int16_t, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>());

}  // namespace

extern constexpr OpDef minimum{.name = "minimum",
                               .help =
                                   "The smaller of x and y with NumPy broadcasting. Quantized operands are compared as stored: "
                                   "their parameters are to agree.",
                               .inputs = "x y",
                               .infer = &infer,
                               .reference = kernels};

}  // namespace qgraph::ops
