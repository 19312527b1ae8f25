// leaky_relu: x where x >= 0, else alpha * x.
#include "ops/requantize.hpp"
#include "ops/support/map_elements.hpp"

namespace qgraph::ops {
namespace {

struct LeakyRelu {
  float alpha = 0.01F;
};
constexpr std::array attributes{attr<&LeakyRelu::alpha>("alpha", "slope below zero; may be negative or above one")};

struct Parameters {
  Multiplier identity{}, slope{};  ///< slope: of |alpha|
  bool negative = false;
  std::int32_t input_zero_point = 0, output_zero_point = 0;
};

void run_float(const KernelArgs& args) noexcept {
  const float alpha = args.attributes<LeakyRelu>().alpha;
  map_elements<float>(args, [=](float x) { return x > 0 ? x : x * alpha; });
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  if (const Status s = check_scales(c, 1); !s) return s.error();
  const TensorType &in = *c.inputs[0].type, &out = *c.outputs[0].type;
  const float alpha = c.attributes<LeakyRelu>().alpha;
  Parameters p;
  p.identity = quantize_multiplier(static_cast<double>(in.scale() / out.scale()));
  p.slope = quantize_multiplier(std::abs(static_cast<double>(in.scale() * alpha / out.scale())));
  p.negative = alpha < 0;
  p.input_zero_point = static_cast<std::int32_t>(in.zero_point());
  p.output_zero_point = static_cast<std::int32_t>(out.zero_point());
  return prepared(c, p);
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<Parameters>();
  map_elements<T>(args, [&](T stored) {
    const std::int32_t x = stored - p.input_zero_point;
    std::int32_t q = multiply(x, x >= 0 ? p.identity : p.slope);
    if (x < 0 && p.negative) q = -q;
    return static_cast<T>(std::clamp(q + p.output_zero_point, lowest<T>(), highest<T>()));
  });
}

constexpr std::array kernels{
    kernel(DType::float32, run_float),
    kernel(DType::qint8, run<std::int8_t>, prepare),
    kernel(DType::quint8, run<std::uint8_t>, prepare),
    kernel(DType::qint16, run<std::int16_t>, prepare),
};

}  // namespace

extern constexpr OpDef leaky_relu{
    .name = "leaky_relu",
    .help = "x where x is above zero, else alpha * x. TensorFlow Lite's LEAKY_RELU, ONNX's LeakyRelu.",
    .attributes = attribute_table<LeakyRelu>(attributes),
    .infer = &infer_same,
    .reference = kernels};

}  // namespace qgraph::ops
