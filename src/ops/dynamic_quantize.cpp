// dynamic_quantize: a float tensor to uint8 with the scale and zero point that its own range gives.
#include "ops/support/map_elements.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  return Types{TensorType(DType::uint8, c.shape(0)), TensorType(DType::float32, Shape{}), TensorType(DType::uint8, Shape{})};
}

void run(const KernelArgs& args) noexcept {
  const float* in = args.in<float>(0);
  const std::int64_t n = args.inputs[0].elements();
  // Zero is part of the range, so that it is held exactly.
  float low = 0.0F, high = 0.0F;
  for (std::int64_t i = 0; i < n; ++i) {
    low = std::min(low, in[i]);
    high = std::max(high, in[i]);
  }
  const float scale = low == high ? 1.0F : (high - low) / 255.0F;
  const float zero_point = std::nearbyint(std::clamp(0.0F - low / scale, 0.0F, 255.0F));
  std::uint8_t* out = args.out<std::uint8_t>();
  for (std::int64_t i = 0; i < n; ++i) {
    const float q = std::nearbyint(in[i] / scale) + zero_point;
    out[i] = q > 0.0F ? static_cast<std::uint8_t>(std::min(q, 255.0F)) : std::uint8_t{0};
  }
  *args.out<float>(1) = scale;
  *args.out<std::uint8_t>(2) = static_cast<std::uint8_t>(zero_point);
}

constexpr std::array kernels{kernel(DType::float32, run)};

}  // namespace

extern constexpr OpDef dynamic_quantize{
    .name = "dynamic_quantize",
    .help =
        "Values as uint8 between their minimum and maximum (zero included), with the scale and the zero point that follow; "
        "rounded half to even. ONNX's DynamicQuantizeLinear.",
    .outputs = "output scale zero_point",
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
