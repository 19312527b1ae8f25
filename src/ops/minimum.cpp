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

/// As NumPy and ONNX have it.
struct SmallerOrNan {
  template <class T>
  T operator()(T x, T y) const noexcept {
    return x < y || x != x ? x : y;
  }
};

struct Extreme {
  bool nan_wins = false;
};
constexpr std::array attributes{attr<&Extreme::nan_wins>("nan_wins", "NaN where either operand is; else y where x is NaN")};

template <class T>
void run(const KernelArgs& a) noexcept {
  if (a.attributes<Extreme>().nan_wins) run_binary<T, SmallerOrNan>(a);
  else run_binary<T, Smaller>(a);
}
template <class... T>
constexpr std::array<KernelDef, sizeof...(T)> rows() {
  return {kernel(dtype_of<T>, run<T>, prepare_broadcast)...};
}

constexpr auto kernels = join(std::array{kernel(DType::qint8, run<std::int8_t>, prepare_broadcast),
                                         kernel(DType::quint8, run<std::uint8_t>, prepare_broadcast),
                                         kernel(DType::qint16, run<std::int16_t>, prepare_broadcast),
                                         kernel(DType::qint32, run<std::int32_t>, prepare_broadcast)},
                              rows<float, std::int32_t, std::int64_t, Float16, BFloat16, double, std::int8_t, std::int16_t,
                                   std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>());

}  // namespace

extern constexpr OpDef minimum{.name = "minimum",
                               .help =
                                   "The smaller of x and y with NumPy broadcasting. Quantized operands are compared as stored: "
                                   "their parameters are to agree.",
                               .inputs = "x y",
                               .attributes = attribute_table<Extreme>(attributes),
                               .infer = &infer,
                               .reference = kernels};

}  // namespace qgraph::ops
