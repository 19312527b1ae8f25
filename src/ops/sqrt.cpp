// The square root.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Sqrt {
  template <class T>
  T operator()(T x) const noexcept {
    return std::sqrt(x);
  }
};

Prepared prepare_quantized(PrepareContext& c) {
  if (const Status s = check_scales(c, 1); !s) return s.error();
  return prepared(c, rescale_of(c));
}

/// In float arithmetic, and truncated: TensorFlow Lite's kernel does not round.
template <class T>
void run_quantized(const KernelArgs& a) noexcept {
  const auto& p = a.prepared_as<Rescale>();
  const T* in = a.in<T>(0);
  T* out = a.out<T>();
  for (std::int64_t i = 0, n = a.outputs[0].elements(); i < n; ++i) {
    const std::int32_t above_zero = in[i] - p.zero_in;
    if (above_zero < 0) return a.control->fail("square root of a negative value");
    const float q = std::min(std::sqrt(p.scale_in * static_cast<float>(above_zero)) / p.scale_out, 1e9F);
    out[i] = static_cast<T>(std::clamp(static_cast<std::int32_t>(q) + p.zero_out, p.low, p.high));
  }
}

constexpr auto kernels = join(unary_rows<Sqrt, float, double, Float16, BFloat16>(),
                              std::array{kernel(DType::qint8, run_quantized<std::int8_t>, prepare_quantized),
                                         kernel(DType::quint8, run_quantized<std::uint8_t>, prepare_quantized),
                                         kernel(DType::qint16, run_quantized<std::int16_t>, prepare_quantized)});

}  // namespace

extern constexpr OpDef sqrt{
    .name = "sqrt",
    .help = "The square root. Quantized results are truncated, as TensorFlow Lite does; negative quantized values fail.",
    .infer = &infer_unary,
    .reference = kernels};

}  // namespace qgraph::ops
