// batch_normalization: channels shifted and scaled by stored statistics.
#include "ops/support/map_elements.hpp"

namespace qgraph::ops {
namespace {

struct BatchNormalization {
  float epsilon = 1e-5F;
};
constexpr std::array attributes{attr<&BatchNormalization::epsilon>("epsilon", "added to the variance")};

// batch_normalization_c1: scale, bias, mean and variance have one element per channel, which are axis 1 (of a vector: one).
Result<Types> infer(const InferContext& c) {
  const Shape& x = c.shape(0);
  const std::int64_t channels = !x.ranked() ? -1 : x.rank() < 2 ? 1 : x[1];
  for (std::size_t i = 1; i < 5; ++i)
    if (const auto n = c.shape(i).elements(); n && channels >= 0 && *n != channels)
      return constraint("batch_normalization_c1", "operand " + std::to_string(i) + " has " + std::to_string(*n) +
                                                      " elements for " + std::to_string(channels) + " channels");
  return Types{TensorType(DType::float32, x)};
}

void run(const KernelArgs& args) noexcept {
  const float epsilon = args.attributes<BatchNormalization>().epsilon;
  const Shape& shape = args.inputs[0].shape();
  const std::int64_t channels = shape.rank() < 2 ? 1 : shape[1];
  std::int64_t inner = 1;
  for (std::size_t i = 2; i < shape.rank(); ++i) inner *= shape[i];
  const std::int64_t batch = channels * inner == 0 ? 0 : args.inputs[0].elements() / (channels * inner);
  for (std::int64_t r = 0; r < batch * channels; ++r) {
    const std::int64_t c = r % channels;
    const float scale = args.in<float>(1)[c] * (1.0F / std::sqrt(args.in<float>(4)[c] + epsilon));  // the order of ONNX Runtime
    const float shift = args.in<float>(2)[c] - args.in<float>(3)[c] * scale;
    const float* in = args.in<float>(0) + r * inner;
    float* out = args.out<float>() + r * inner;
    for (std::int64_t i = 0; i < inner; ++i) out[i] = in[i] * scale + shift;
  }
}

constexpr std::array kernels{kernel(DType::float32, run)};

}  // namespace

extern constexpr OpDef batch_normalization{
    .name = "batch_normalization",
    .help =
        "(x - mean) / sqrt(variance + epsilon) * scale + bias, per channel of [n,c,...]. ONNX's BatchNormalization at inference.",
    .inputs = "input scale bias mean variance",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<BatchNormalization>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
