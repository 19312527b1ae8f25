// tflite.signal_fft_auto_scale: samples shifted left as far as the loudest allows. TensorFlow Lite Micro's SignalFftAutoScale.
#include <algorithm>
#include <cstdlib>

#include "ops/support/signal.hpp"

namespace qgraph::ops::tflite {
namespace {

Result<Types> infer(const InferContext& c) {
  if (!stored_as(c, 0, DType::int16))
    return constraint("signal_fft_auto_scale_c1", "samples are int16", Cause::unsupported_dtype);
  return Types{{DType::int16, c.shape(0)}, {DType::int32, Shape{}}};
}

void run(const KernelArgs& args) noexcept {
  const std::int16_t* in = args.in<const std::int16_t>(0);
  const std::int64_t n = args.inputs[0].elements();
  std::int32_t loudest = 0;
  for (std::int64_t i = 0; i < n; ++i) loudest = std::max(loudest, std::min(std::abs(std::int32_t{in[i]}), 32767));
  const int shift = std::max(16 - significant_bits(static_cast<std::uint32_t>(loudest)) - 1, 0);
  for (std::int64_t i = 0; i < n; ++i) args.out<std::int16_t>()[i] = static_cast<std::int16_t>(in[i] * (1 << shift));
  if (args.outputs.size() > 1 && args.outputs[1]) *args.out<std::int32_t>(1) = shift;
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef signal_fft_auto_scale{
    .name = "tflite.signal_fft_auto_scale",
    .help = "Samples shifted left as far as the loudest allows, and by how many bits.",
    .outputs = "output scale_bits",
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
