// dequantize: the reals that stored integers stand for; narrow floats widened.
#include "ops/support/linear_operands.hpp"
#include "ops/support/map_elements.hpp"

namespace qgraph::ops {
namespace {

struct Dequantize {
  DType output_type = DType::float32;
  std::int64_t axis = 1, block_size = 0;
};
constexpr std::array attributes{
    attr<&Dequantize::output_type>("output_type", "a float dtype; others than float32 are rounded to"),
    attr<&Dequantize::axis>("axis", "that several scales of the operand go along"),
    attr<&Dequantize::block_size>("block_size",
                                  "elements along the axis that share a scale of the operand; 0: each has its own")};

// dequantize_c1: per axis or blockwise scales fit the input's shape; c2: output_type is float; c3: so do scales that are an
// operand.
Result<Types> infer(const InferContext& c) {
  if (c.has(1))
    if (const Status s =
            check_linear_operands(c, "dequantize", c.attributes<Dequantize>().axis, c.attributes<Dequantize>().block_size);
        !s)
      return s.error();
  const TensorType& in = c.input(0);
  if (const Quantization* q = in.quantization();
      q && q->scales.size() > 1 && in.shape.is_static() && scales_wanted(in) > static_cast<std::int64_t>(q->scales.size()))
    return constraint("dequantize_c1",
                      "there are " + std::to_string(q->scales.size()) + " scales for " + std::to_string(scales_wanted(in)),
                      Cause::inconsistent_quantization);
  const DType type = c.attributes<Dequantize>().output_type;
  if (!is_float(type)) return constraint("dequantize_c2", "output_type must be a float dtype", Cause::invalid_attribute);
  return Types{TensorType(type, in.shape)};
}

/// The product is made in double and rounded once, as the reference does.
template <class Read>
void run_integers(const KernelArgs& args, Read read) noexcept {
  const TensorType& in = *args.inputs[0].type;
  const Quantization& q = *in.quantization();
  const DType to = args.outputs[0].type->storage();
  const std::int64_t n = args.outputs[0].elements();
  const ScaleIndex index(in);
  if (to == DType::float32 && index.single) {
    const auto scale = static_cast<double>(q.scales[0]);
    const std::int64_t zero_point = q.zero_point();
    float* out = args.out<float>();
    for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<float>(scale * static_cast<double>(read(i) - zero_point));
    return;
  }
  for (std::int64_t i = 0; i < n; ++i) {
    const std::size_t s = index(i);
    const double real = static_cast<double>(q.scales[s]) * static_cast<double>(read(i) - q.zero_point(s));
    store_float(args.outputs[0].data, to, i, static_cast<float>(real));
  }
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const T* in = args.in<T>(0);
  run_integers(args, [in](std::int64_t i) { return static_cast<std::int64_t>(in[i]); });
}
void run_any(const KernelArgs& args) noexcept {
  const View& in = args.inputs[0];
  run_integers(args, [&in](std::int64_t i) { return integer_at(in.data, in.type->storage(), i); });
}
void run_floats(const KernelArgs& args) noexcept {
  const View& in = args.inputs[0];
  const DType from = in.type->storage(), to = args.outputs[0].type->storage();
  const std::int64_t n = in.elements();
  for (std::int64_t i = 0; i < n; ++i) store_float(args.outputs[0].data, to, i, float_at(in.data, from, i));
}

/// Plain integers and floats, with the operands' scales and zero points.
void run_operands(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<Dequantize>();
  const View& in = args.inputs[0];
  const DType to = args.outputs[0].type->storage();
  const ScaleIndex index(in.shape(), a.axis, a.block_size, args.inputs[1].elements());
  for (std::int64_t i = 0, n = in.elements(); i < n; ++i) {
    const auto s = static_cast<std::int64_t>(index(i));
    const float zero = args.has(2) ? real_at(args.inputs[2], s) : 0.0F;
    store_float(args.outputs[0].data, to, i, (real_at(in, i) - zero) * real_at(args.inputs[1], s));
  }
}

Result<std::shared_ptr<const void>> prepare_plain(PrepareContext& c) {
  const bool operand = c.has(1);
  if (!operand && !is_float(c.inputs[0].type->storage()))
    return unsupported("integers without a scale cannot be dequantized", Cause::missing_quantization);
  return std::shared_ptr<const void>(std::make_shared<const bool>(operand));
}
void run_plain(const KernelArgs& args) noexcept { args.prepared_as<bool>() ? run_operands(args) : run_floats(args); }

constexpr std::array kernels{
    kernel(DType::qint8, run<std::int8_t>),
    kernel(DType::quint8, run<std::uint8_t>),
    kernel(DType::qint16, run<std::int16_t>),
    kernel(DType::quint16, run<std::uint16_t>),
    kernel(DType::qint32, run<std::int32_t>),
    kernel(DType::qint2, run_any),
    kernel(DType::qint4, run_any),
    kernel(DType::quint2, run_any),
    kernel(DType::quint4, run_any),
    kernel(DType::quint32, run_any),
    kernel(DType::qint64, run_any),
    kernel(DType::float16, run_plain, prepare_plain),
    kernel(DType::bfloat16, run_plain, prepare_plain),
    kernel(DType::float32, run_plain, prepare_plain),
    kernel(DType::float64, run_plain, prepare_plain),
    kernel(DType::float8_e4m3fn, run_plain, prepare_plain),
    kernel(DType::float8_e4m3fnuz, run_plain, prepare_plain),
    kernel(DType::float8_e5m2, run_plain, prepare_plain),
    kernel(DType::float8_e5m2fnuz, run_plain, prepare_plain),
    kernel(DType::float8_e8m0, run_plain, prepare_plain),
    kernel(DType::float4_e2m1, run_plain, prepare_plain),
    kernel(DType::int2, run_plain, prepare_plain),
    kernel(DType::int4, run_plain, prepare_plain),
    kernel(DType::int8, run_plain, prepare_plain),
    kernel(DType::int16, run_plain, prepare_plain),
    kernel(DType::int32, run_plain, prepare_plain),
    kernel(DType::uint2, run_plain, prepare_plain),
    kernel(DType::uint4, run_plain, prepare_plain),
    kernel(DType::uint8, run_plain, prepare_plain),
    kernel(DType::uint16, run_plain, prepare_plain),
};

}  // namespace

extern constexpr OpDef dequantize{.name = "dequantize",
                                  .help =
                                      "scale * (stored - zero_point), per tensor, per axis or blockwise; floats of fewer bits "
                                      "widened. TensorFlow Lite's DEQUANTIZE, "
                                      "ONNX's DequantizeLinear. Scale and zero point may be operands, then the input is plain.",
                                  .inputs = "input scale? zero_point?",
                                  .attributes = attribute_table<Dequantize>(attributes),
                                  .infer = &infer,
                                  .reference = kernels};

}  // namespace qgraph::ops
