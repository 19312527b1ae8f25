// quantize: reals, or stored integers of other parameters, to stored integers.
#include "ops/requantize.hpp"
#include "ops/support/dequantize_values.hpp"
#include "ops/support/small_float.hpp"
#include "ops/support/map_elements.hpp"

namespace qgraph::ops {
namespace {

enum class Ties : std::uint8_t { half_away, half_even };
constexpr std::string_view ties_words[] = {"half_away", "half_even"};
constexpr std::span<const std::string_view> enum_words(Ties) { return ties_words; }

struct Quantize {
  Ties rounding = Ties::half_away;
  DType storage = DType::int8;
  bool narrow_range = false;
};
constexpr std::array attributes{
    attr<&Quantize::rounding>("rounding",
                              "of x / scale, a float division; integers are requantized in fixed point by half_away, "
                              "by half_even as float"),
    attr<&Quantize::storage>("storage", "of the output where none is declared"),
    attr<&Quantize::narrow_range>("narrow_range", "the lowest stored integer is left out")};

// quantize_c1: the output is quantized, per axis or blockwise with scales that fit its shape.
Result<Types> infer(const InferContext& c) {
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

struct Parameters {
  IntegerRange range{};
  Multiplier multiplier{};
  double ratio = 1.0;
};

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const TensorType &in = *c.inputs[0].type, &out = *c.outputs[0].type;
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
  const double q = static_cast<double>(ties == Ties::half_away ? std::round(scaled) : std::nearbyint(scaled)) +
                   static_cast<double>(zero_point);
  if (!(q > static_cast<double>(range.min))) return range.min;
  return q >= static_cast<double>(range.max) ? range.max : static_cast<std::int64_t>(q);
}

template <class Read>
void quantize_all(const KernelArgs& args, Read read) noexcept {
  const auto& p = args.prepared_as<Parameters>();
  const TensorType& out = *args.outputs[0].type;
  const Quantization& q = *out.quantization();
  const Ties ties = args.attributes<Quantize>().rounding;
  const Writer write{args.outputs[0].data, out.storage()};
  const std::int64_t n = args.outputs[0].elements();
  if (q.scales.size() == 1 && bits(out.storage()) == 8) {
    const float scale = q.scales[0];
    const std::int64_t zero_point = q.zero_point();
    for (std::int64_t i = 0; i < n; ++i)
      args.outputs[0].data[i] = static_cast<std::byte>(stored(read(i), scale, zero_point, ties, p.range));
    return;
  }
  const ScaleIndex index(out);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::size_t s = index(i);
    write(i, stored(read(i), q.scales[s], q.zero_point(s), ties, p.range));
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
  const bool even = args.attributes<Quantize>().rounding == Ties::half_even;
  const Writer write{args.outputs[0].data, out.storage()};
  const std::int64_t n = args.outputs[0].elements();
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t x = integer_at(in.data, from, i) - in_zero;
    if (even) {
      write(i, stored(static_cast<float>(x) * in.type->scale(), out.scale(), out_zero, Ties::half_even, p.range));
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
        "axis or blockwise. TensorFlow Lite's QUANTIZE, ONNX's QuantizeLinear.",
    .attributes = attribute_table<Quantize>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
