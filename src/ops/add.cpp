// x + y, with broadcasting and a fused activation.
#include "ops/op_def.hpp"
#include "ops/support/quantized_sum.hpp"

namespace qgraph::ops {
namespace {

constexpr std::array attributes{
    attr<&Arithmetic::activation>("activation", "applied to the result"),
    attr<&Arithmetic::finite>("finite", "float results beyond the largest finite value become it, as in TensorFlow Lite"),
    attr<&Arithmetic::pot_scale_int16>("pot_scale_int16",
                                       "16 bits: where all scales are powers of two, shift one operand and saturate"),
    attr<&Arithmetic::rounding>("rounding", "of quantized results: double_rounding, or nearest_even of the float result")};

Result<Types> infer(const InferContext& c) { return infer_binary(c, "add", Meets::scaled); }  // add_c1, c2, c3

struct Sum {
  template <class T>
  T operator()(T x, T y) const noexcept {
    if constexpr (std::is_integral_v<T>)
      return wrapping_add(x, y);
    else
      return x + y;
  }
};

constexpr auto kernels =
    join(std::array{kernel(DType::qint8, run_quantized_sum<std::int8_t, +1>, prepare_quantized_sum),
                    kernel(DType::quint8, run_quantized_sum<std::uint8_t, +1>, prepare_quantized_sum),
                    kernel(DType::qint16, run_quantized_sum<std::int16_t, +1>, prepare_quantized_sum)},
         arithmetic_rows<Sum, float, std::int32_t, std::int64_t, Float16, BFloat16, double, std::int8_t, std::int16_t,
                         std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, std::complex<float>, std::complex<double>>());

}  // namespace

extern constexpr OpDef add{.name = "add",
                           .help =
                               "x + y with NumPy broadcasting. Quantized operands are brought to a common scale in fixed point "
                               "as TensorFlow Lite's reference kernels do.",
                           .inputs = "x y",
                           .attributes = attribute_table<Arithmetic>(attributes),
                           .infer = &infer,
                           .reference = kernels};

}  // namespace qgraph::ops
