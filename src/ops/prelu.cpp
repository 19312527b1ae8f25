// prelu: x where x >= 0, else alpha * x, alpha an operand.
#include "ops/requantize.hpp"
#include "ops/support/map_elements.hpp"

namespace qgraph::ops {
namespace {

// prelu_c1: alpha broadcasts to the input's shape.
Result<Types> infer(const InferContext& c) {
  const auto shape = broadcast(c.shape(0), c.shape(1));
  const bool grows = shape && shape->is_static() && c.shape(0).is_static() && *shape != c.shape(0);
  if (!shape || grows)
    return constraint("prelu_c1",
                      "alpha " + c.shape(1).to_string() + " does not broadcast to the input " + c.shape(0).to_string());
  return infer_same(c);
}

/// Walks the input in order and keeps the offset of the matching element of alpha; f(input offset, alpha offset).
template <class F>
void each(const View& input, const View& alpha, F f) noexcept {
  const std::size_t rank = input.rank(), lead = rank - alpha.rank();
  const std::int64_t n = input.elements();
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t at = 0, step = 1, rest = i;
    for (std::size_t d = rank; d-- > lead;) {
      const std::int64_t size = alpha.dim(d - lead);
      if (size != 1) at += rest % input.dim(d) * step;
      step *= size;
      rest /= input.dim(d);
    }
    f(i, at);
  }
}

void run_float(const KernelArgs& args) noexcept {
  const float *in = args.in<float>(0), *alpha = args.in<float>(1);
  float* out = args.out<float>();
  each(args.inputs[0], args.inputs[1],
       [&](std::int64_t i, std::int64_t a) { out[i] = in[i] >= 0.0F ? in[i] : in[i] * alpha[a]; });
}

struct Parameters {
  Multiplier identity{}, slope{};
  std::int32_t input_zero_point = 0, alpha_zero_point = 0, output_zero_point = 0;
};

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  if (const Status s = check_scales(c, 2); !s) return s.error();
  const TensorType &in = *c.inputs[0].type, &alpha = *c.inputs[1].type, &out = *c.outputs[0].type;
  Parameters p;
  p.identity = quantize_multiplier(static_cast<double>(in.scale() / out.scale()));
  p.slope = quantize_multiplier(static_cast<double>(in.scale() * alpha.scale() / out.scale()));
  p.input_zero_point = static_cast<std::int32_t>(in.zero_point());
  p.alpha_zero_point = static_cast<std::int32_t>(alpha.zero_point());
  p.output_zero_point = static_cast<std::int32_t>(out.zero_point());
  return prepared(c, p);
}

template <class T, class Alpha>
void run(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<Parameters>();
  const T* in = args.in<T>(0);
  const Alpha* alpha = args.in<Alpha>(1);
  T* out = args.out<T>();
  each(args.inputs[0], args.inputs[1], [&](std::int64_t i, std::int64_t a) {
    const std::int32_t x = in[i] - p.input_zero_point;
    const std::int32_t q = x >= 0
                               ? multiply(x, p.identity)
                               : multiply(static_cast<std::int32_t>(std::int64_t{x} * (alpha[a] - p.alpha_zero_point)), p.slope);
    out[i] = static_cast<T>(std::clamp(q + p.output_zero_point, lowest<T>(), highest<T>()));
  });
}

constexpr std::array kernels{
    kernel(DType::float32, DType::float32, run_float),
    kernel(DType::qint8, DType::qint8, run<std::int8_t, std::int8_t>, prepare),
    kernel(DType::quint8, DType::quint8, run<std::uint8_t, std::uint8_t>, prepare),
    kernel(DType::qint16, DType::qint8, run<std::int16_t, std::int8_t>, prepare),
    kernel(DType::qint16, DType::qint16, run<std::int16_t, std::int16_t>, prepare),
};

}  // namespace

extern constexpr OpDef prelu{
    .name = "prelu",
    .help = "x where x >= 0, else alpha * x; alpha broadcasts to x. TensorFlow Lite's PRELU, ONNX's PRelu.",
    .inputs = "input alpha",
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
