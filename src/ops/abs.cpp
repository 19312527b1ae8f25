// The absolute value.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

/// The lowest integer stays.
struct Abs {
  template <class T>
  T operator()(T x) const noexcept {
    if constexpr (std::is_integral_v<T>)
      return x < 0 ? wrapping_subtract(T{0}, x) : x;
    else
      return std::abs(x);
  }
};

Prepared prepare_quantized(PrepareContext& c) {
  if (const Status s = check_scales(c, 1); !s) return s.error();
  Rescale p = rescale_of(c);
  if (p.scale_in != p.scale_out) p.multiplier = quantize_multiplier(static_cast<double>(p.scale_in / p.scale_out));
  return prepared(c, std::move(p));
}

template <class T>
void run_quantized(const KernelArgs& a) noexcept {
  const auto& p = a.prepared_as<Rescale>();
  const bool same = p.scale_in == p.scale_out;
  const T* in = a.in<T>(0);
  T* out = a.out<T>();
  for (std::int64_t i = 0, n = a.outputs[0].elements(); i < n; ++i) {
    const std::int32_t value = std::abs(in[i] - p.zero_in);
    out[i] = static_cast<T>(std::clamp((same ? value : multiply(value, p.multiplier)) + p.zero_out, p.low, p.high));
  }
}

constexpr auto kernels =
    join(unary_rows<Abs, float, std::int32_t, std::int16_t, std::int64_t, std::int8_t, double, Float16, BFloat16>(),
         std::array{kernel(DType::qint8, run_quantized<std::int8_t>, prepare_quantized),
                    kernel(DType::quint8, run_quantized<std::uint8_t>, prepare_quantized),
                    kernel(DType::qint16, run_quantized<std::int16_t>, prepare_quantized)});

}  // namespace

extern constexpr OpDef abs{.name = "abs",
                           .help = "The absolute value. Quantized results are rescaled in fixed point where the scales differ.",
                           .infer = &infer_unary,
                           .reference = kernels};

}  // namespace qgraph::ops
