// -x
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Neg {
  template <class T>
  T operator()(T x) const noexcept {
    if constexpr (std::is_integral_v<T>)
      return wrapping_subtract(T{0}, x);
    else
      return -x;
  }
};

Prepared prepare_quantized(PrepareContext& c) {
  if (const Status s = check_scales(c, 1); !s) return s.error();
  Rescale p = rescale_of(c);
  p.multiplier = quantize_multiplier(static_cast<double>(p.scale_in / p.scale_out));
  return prepared(c, std::move(p));
}

/// TensorFlow Lite negates stored values whatever their parameters, which is right where the scales agree and the zero points
/// are 0; there the lowest value stays. Elsewhere the real value is negated.
template <class T>
void run_quantized(const KernelArgs& a) noexcept {
  const auto& p = a.prepared_as<Rescale>();
  if (p.scale_in == p.scale_out && p.zero_in == 0 && p.zero_out == 0) return run_unary<T, Neg>(a);
  const T* in = a.in<T>(0);
  T* out = a.out<T>();
  for (std::int64_t i = 0, n = a.outputs[0].elements(); i < n; ++i)
    out[i] = static_cast<T>(std::clamp(multiply(p.zero_in - in[i], p.multiplier) + p.zero_out, p.low, p.high));
}

constexpr auto kernels =
    join(unary_rows<Neg, float, std::int32_t, std::int64_t, std::int16_t, std::int8_t, double, Float16, BFloat16>(),
         std::array{kernel(DType::qint8, run_quantized<std::int8_t>, prepare_quantized),
                    kernel(DType::quint8, run_quantized<std::uint8_t>, prepare_quantized),
                    kernel(DType::qint16, run_quantized<std::int16_t>, prepare_quantized)});

}  // namespace

extern constexpr OpDef neg{
    .name = "neg", .help = "-x. The lowest plain integer stays.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
