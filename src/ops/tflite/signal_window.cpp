// tflite.signal_window: samples times a window, shifted right and saturated. TensorFlow Lite Micro's SignalWindow.
#include <algorithm>

#include "ops/support/signal.hpp"

namespace qgraph::ops::tflite {
namespace {

struct SignalWindow {
  std::int64_t shift = 0;
};
constexpr std::array attributes{attr<&SignalWindow::shift>("shift", "bits that the product is shifted right")};

Result<Types> infer(const InferContext& c) {
  const std::int64_t shift = c.attributes<SignalWindow>().shift;
  if (shift < 0 || shift > 31)
    return constraint("signal_window_c1", "a shift of " + std::to_string(shift), Cause::invalid_attribute);
  if (!stored_as(c, 0, DType::int16) || !stored_as(c, 1, DType::int16))
    return constraint("signal_window_c2", "samples and window are int16", Cause::unsupported_dtype);
  const Shape &in = c.shape(0), &window = c.shape(1);
  if (in.is_static() && window.is_static() && (in.rank() == 0 || window.elements().value_or(0) != in[in.rank() - 1]))
    return constraint("signal_window_c3", "a window " + window.to_string() + " does not fit " + in.to_string());
  return Types{{DType::int16, in}};
}

void run(const KernelArgs& args) noexcept {
  const std::int64_t n = args.inputs[1].elements();
  const std::int64_t shift = args.attributes<SignalWindow>().shift;
  for (std::int64_t i = 0; i < args.inputs[0].elements(); ++i) {
    const std::int32_t raw = (std::int32_t{args.in<const std::int16_t>(0)[i]} * args.in<const std::int16_t>(1)[i % n]) >> shift;
    args.out<std::int16_t>()[i] = static_cast<std::int16_t>(std::clamp<std::int32_t>(raw, -32768, 32767));
  }
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef signal_window{
    .name = "tflite.signal_window",
    .help = "Samples times a window function, shifted right and saturated to 16 bits.",
    .inputs = "input window",
    .attributes = attribute_table<SignalWindow>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
