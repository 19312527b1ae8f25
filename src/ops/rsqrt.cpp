// 1 / sqrt(x)
#include "ops/op_def.hpp"
#include "ops/support/fixed_point.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Rsqrt {
  template <class T>
  T operator()(T x) const noexcept {
    return T(1) / std::sqrt(x);
  }
  /// At and below 0: the highest value of the result.
  static float of(float x, const TensorType& out) noexcept { return x > 0 ? 1.0F / std::sqrt(x) : 32767.0F * out.scale(); }
};

/// The stored result of each stored value of 8 bits, by an inverse root in fixed point with 20 more bits.
struct Bytes {
  std::int32_t zero_in = 0;
  ByteTable table{};
};
template <class T>
Prepared prepare_bytes(PrepareContext& c) {
  if (const Status s = check_scales(c, 1); !s) return s.error();
  const Rescale r = rescale_of(c);
  constexpr int more_bits = 20;
  const Multiplier to_out = quantize_multiplier(1.0 / static_cast<double>(std::sqrt(r.scale_in) * r.scale_out));
  Bytes p{.zero_in = r.zero_in};
  for (std::int32_t stored = std::max(lowest<T>(), r.zero_in); stored <= highest<T>(); ++stored) {
    std::int32_t q = r.high;
    if (stored > r.zero_in) {
      Multiplier root = fixed_point::inverse_square_root(stored - r.zero_in);
      root.shift += more_bits;
      q = std::clamp(multiply(multiply(1, root), {to_out.value, to_out.shift - more_bits}) + r.zero_out, r.low, r.high);
    }
    p.table[static_cast<std::uint8_t>(stored)] = static_cast<std::uint8_t>(q);
  }
  return prepared(c, std::move(p));
}
template <class T>
void run_bytes(const KernelArgs& a) noexcept {
  const auto& p = a.prepared_as<Bytes>();
  const T* in = a.in<T>(0);
  T* out = a.out<T>();
  for (std::int64_t i = 0, n = a.outputs[0].elements(); i < n; ++i) {
    if (in[i] < p.zero_in) return a.control->fail("inverse square root of a negative value");
    out[i] = static_cast<T>(p.table[static_cast<std::uint8_t>(in[i])]);
  }
}

void run_words(const KernelArgs& a) noexcept {
  const auto* in = a.in<std::int16_t>(0);
  const std::int64_t zero = a.inputs[0].type->zero_point();
  for (std::int64_t i = 0, n = a.outputs[0].elements(); i < n; ++i)
    if (in[i] < zero) return a.control->fail("inverse square root of a negative value");
  run_table<std::int16_t>(a);
}

constexpr auto kernels = join(unary_rows<Rsqrt, float, double, Float16, BFloat16>(),
                              std::array{kernel(DType::qint8, run_bytes<std::int8_t>, prepare_bytes<std::int8_t>),
                                         kernel(DType::quint8, run_bytes<std::uint8_t>, prepare_bytes<std::uint8_t>),
                                         kernel(DType::qint16, run_words, prepare_table<std::int16_t, Rsqrt>)});

}  // namespace

extern constexpr OpDef rsqrt{.name = "rsqrt",
                             .help =
                                 "1 / sqrt(x). Quantized as TensorFlow Lite does: 8 bits in fixed point, 16 bits by table; the "
                                 "root of 0 is the highest value.",
                             .infer = &infer_unary,
                             .reference = kernels};

}  // namespace qgraph::ops
