// quantize: reals, or stored integers of other parameters, to stored integers.
#include "ops/quantize.hpp"

#include "ops/support/linear_operands.hpp"
#include "ops/support/map_elements.hpp"

namespace qgraph::ops {
namespace {

constexpr std::array attributes{
    attr<&Quantize::rounding>("rounding",
                              "of x / scale, a float division; integers are requantized in fixed point by half_away, "
                              "by half_even as float; half_even_shifted adds the zero point first"),
    attr<&Quantize::storage>("storage", "of the output where none is declared; with a scale operand also float8 and float4"),
    attr<&Quantize::narrow_range>("narrow_range", "the lowest stored integer is left out"),
    attr<&Quantize::precision>("precision", "dtype that x / scale is rounded to before it becomes an integer"),
    attr<&Quantize::axis>("axis", "that several scales of the operand go along"),
    attr<&Quantize::block_size>("block_size", "elements along the axis that share a scale of the operand; 0: each has its own"),
    attr<&Quantize::saturate>("saturate", "float8: what is too large becomes the largest, else infinity or NaN")};

// quantize_c1: the output is quantized, per axis or blockwise with scales that fit its shape. With a scale operand it is plain:
// c2: storage is an integer of up to 32 bits, or a float of up to 8.
Result<Types> infer(const InferContext& c) {
  if (c.has(1)) {
    const auto& a = c.attributes<Quantize>();
    if (bits(a.storage) > (is_float(a.storage) ? 8 : 32) || !(is_float(a.storage) || is_integer(a.storage)) ||
        is_quantized(a.storage))
      return constraint("quantize_c2", "quantize to " + std::string(name(a.storage)) + " is not possible",
                        Cause::unsupported_dtype);
    if (const Status s = check_linear_operands(c, "quantize", a.axis, a.block_size); !s) return s.error();
    return Types{TensorType(a.storage, c.shape(0))};
  }
  const TensorType declared = c.declared();
  const DType storage = is_integer(declared.storage()) ? declared.storage() : c.attributes<Quantize>().storage;
  TensorType out = c.output(0, Quantized(storage, Quantization{}), c.shape(0));
  if (const Quantization* q = out.quantization();
      q && q->scales.size() > 1 && out.shape.is_static() && scales_wanted(out) > static_cast<std::int64_t>(q->scales.size()))
    return constraint("quantize_c1",
                      "there are " + std::to_string(q->scales.size()) + " scales for " + std::to_string(scales_wanted(out)),
                      Cause::inconsistent_quantization);
  return Types{std::move(out)};
}

/// Writes integers of any storage in order; sub-byte ones are packed low bits first.
struct Writer {
  std::byte* bytes;
  DType storage;
  void operator()(std::int64_t i, std::int64_t value) const noexcept {
    if (const int width = bits(storage); width < 8) {
      const int per_byte = 8 / width, shift = width * static_cast<int>(i % per_byte);
      const auto code = static_cast<std::byte>((value & ((1 << width) - 1)) << shift);
      bytes[i / per_byte] = i % per_byte == 0 ? code : bytes[i / per_byte] | code;
      return;
    }
    const auto v = static_cast<std::int32_t>(value);
    if (storage == DType::uint32)
      reinterpret_cast<std::uint32_t*>(bytes)[i] = static_cast<std::uint32_t>(value);
    else
      store_integers(bytes, storage, i, 1, &v, 1);
  }
};

using Parameters = QuantizeParameters;

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const TensorType &in = *c.inputs[0].type, &out = *c.outputs[0].type;
  if (c.has(1)) {
    if (in.quantized()) return unsupported("quantized integers take no scale operand", Cause::invalid_quantization);
    Parameters p;
    p.range = integer_range(out.storage());
    if (c.attributes<Quantize>().narrow_range) ++p.range.min;
    return prepared(c, p);
  }
  if (bits(out.storage()) > 32) return unsupported("quantize to " + std::string(name(out.storage())) + " is not possible");
  if (in.quantized() && (!in.quantization()->per_tensor() || !out.quantization()->per_tensor()))
    return unsupported("integers with a scale per axis cannot be requantized", Cause::invalid_quantization);
  Parameters p;
  p.range = integer_range(out.storage());
  if (c.attributes<Quantize>().narrow_range) ++p.range.min;
  if (in.quantized()) {
    p.ratio = static_cast<double>(in.scale()) / static_cast<double>(out.scale());
    p.multiplier = quantize_multiplier(p.ratio);
  }
  return prepared(c, p);
}

/// Infinities saturate; not a number becomes the lowest.
std::int64_t stored(float x, float scale, std::int64_t zero_point, Ties ties, IntegerRange range) noexcept {
  const float scaled = x / scale;
  const double q = ties == Ties::half_even_shifted
                       ? static_cast<double>(std::nearbyint(scaled + static_cast<float>(zero_point)))
                       : static_cast<double>(ties == Ties::half_away ? std::round(scaled) : std::nearbyint(scaled)) +
                             static_cast<double>(zero_point);
  if (!(q > static_cast<double>(range.min))) return range.min;
  return q >= static_cast<double>(range.max) ? range.max : static_cast<std::int64_t>(q);
}

float rounded_to(DType precision, float x) noexcept {
  if (precision == DType::float32 || precision == DType::float64) return x;
  return decode_float(encode_float(x, float_format(precision)), float_format(precision));
}

/// By the operands' scales. Floats of 8 and 4 bits are rounded to nearest, their zero point is 0.
template <class Read>
void quantize_by_operands(const KernelArgs& args, Read read) noexcept {
  const auto& p = args.prepared_as<Parameters>();
  const auto& a = args.attributes<Quantize>();
  const View& out = args.outputs[0];
  const DType storage = out.type->storage();
  const ScaleIndex index(args.inputs[0].shape(), a.axis, a.block_size, args.inputs[1].elements());
  const Writer write{out.data, storage};
  for (std::int64_t i = 0, n = out.elements(); i < n; ++i) {
    const auto s = static_cast<std::int64_t>(index(i));
    const float scale = real_at(args.inputs[1], s), x = read(i);
    if (is_float(storage)) {
      store_float(out.data, storage, i, rounded_to(a.precision, x / scale), a.saturate);
    } else {
      const std::int64_t zero = args.has(2) ? integer_at(args.inputs[2].data, args.inputs[2].type->storage(), s) : 0;
      write(i, stored(rounded_to(a.precision, x / scale), 1.0F, zero, a.rounding, p.range));
    }
  }
}

template <class Read>
void quantize_all(const KernelArgs& args, Read read) noexcept {
  if (args.has(1)) return quantize_by_operands(args, read);
  const auto& p = args.prepared_as<Parameters>();
  const TensorType& out = *args.outputs[0].type;
  const Quantization& q = *out.quantization();
  const Ties ties = args.attributes<Quantize>().rounding;
  const Writer write{args.outputs[0].data, out.storage()};
  const std::int64_t n = args.outputs[0].elements();
  const DType precision = args.attributes<Quantize>().precision;
  if (q.scales.size() == 1 && bits(out.storage()) == 8 && precision == DType::float32) {
    const float scale = q.scales[0];
    const std::int64_t zero_point = q.zero_point();
    for (std::int64_t i = 0; i < n; ++i)
      args.outputs[0].data[i] = static_cast<std::byte>(stored(read(i), scale, zero_point, ties, p.range));
    return;
  }
  const ScaleIndex index(out);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::size_t s = index(i);
    write(i, stored(rounded_to(precision, read(i) / q.scales[s]), 1.0F, q.zero_point(s), ties, p.range));
  }
}

void run_float(const KernelArgs& args) noexcept {
  const float* in = args.in<float>(0);
  quantize_all(args, [in](std::int64_t i) { return in[i]; });
}
void run_small_float(const KernelArgs& args) noexcept {
  const View& in = args.inputs[0];
  quantize_all(args, [&in](std::int64_t i) { return float_at(in.data, in.type->storage(), i); });
}
/// Plain integers are taken as reals (ONNX quantizes int32).
void run_integer(const KernelArgs& args) noexcept {
  const View& in = args.inputs[0];
  quantize_all(args, [&in](std::int64_t i) { return static_cast<float>(integer_at(in.data, in.type->storage(), i)); });
}

void run_requantize(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<Parameters>();
  const View& in = args.inputs[0];
  const TensorType& out = *args.outputs[0].type;
  const DType from = in.type->storage();
  const std::int64_t in_zero = in.type->zero_point(), out_zero = out.zero_point();
  const Ties ties = args.attributes<Quantize>().rounding;
  const Writer write{args.outputs[0].data, out.storage()};
  const std::int64_t n = args.outputs[0].elements();
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t x = integer_at(in.data, from, i) - in_zero;
    if (ties != Ties::half_away) {
      write(i, stored(static_cast<float>(x) * in.type->scale(), out.scale(), out_zero, ties, p.range));
    } else {
      const std::int64_t q = std::int64_t{multiply(static_cast<std::int32_t>(x), p.multiplier)} + out_zero;
      write(i, std::clamp(q, p.range.min, p.range.max));
    }
  }
}

constexpr std::array kernels{
    kernel(DType::float32, run_float, prepare),        kernel(DType::float16, run_small_float, prepare),
    kernel(DType::bfloat16, run_small_float, prepare), kernel(DType::float64, run_small_float, prepare),
    kernel(DType::int32, run_integer, prepare),        kernel(DType::qint8, run_requantize, prepare),
    kernel(DType::quint8, run_requantize, prepare),    kernel(DType::qint16, run_requantize, prepare),
    kernel(DType::quint16, run_requantize, prepare),   kernel(DType::qint32, run_requantize, prepare),
    kernel(DType::qint4, run_requantize, prepare),     kernel(DType::quint4, run_requantize, prepare),
};

}  // namespace

extern constexpr OpDef quantize{
    .name = "quantize",
    .help =
        "round(x / scale) + zero_point, saturated; of quantized operands from their parameters to the output's. Per tensor, per "
        "axis or blockwise. With operands for scale and zero point the result is plain integers, or float8, float4. TensorFlow "
        "Lite's QUANTIZE, ONNX's QuantizeLinear.",
    .inputs = "input scale? zero_point?",
    .attributes = attribute_table<Quantize>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
