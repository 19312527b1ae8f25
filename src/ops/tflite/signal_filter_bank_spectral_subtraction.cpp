// tflite.signal_filter_bank_spectral_subtraction: channels less a running estimate of the noise, which is kept between runs.
// TensorFlow Lite Micro's SignalFilterBankSpectralSubtraction; even and odd channels are smoothed differently.
#include <algorithm>

#include "ops/support/signal.hpp"

namespace qgraph::ops::tflite {
namespace {

struct SpectralSubtraction {
  std::int64_t num_channels = 0, smoothing = 0, one_minus_smoothing = 0, alternate_smoothing = 0,
               alternate_one_minus_smoothing = 0;
  std::int64_t min_signal_remaining = 0, smoothing_bits = 0, spectral_subtraction_bits = 0;
  bool clamping = false;
};
using A = SpectralSubtraction;
constexpr std::array attributes{
    attr<&A::num_channels>("num_channels", "channels"),
    attr<&A::smoothing>("smoothing", "share of the signal in the estimate, even channels"),
    attr<&A::one_minus_smoothing>("one_minus_smoothing", "share of the old estimate, even channels"),
    attr<&A::alternate_smoothing>("alternate_smoothing", "share of the signal, odd channels"),
    attr<&A::alternate_one_minus_smoothing>("alternate_one_minus_smoothing", "share of the old estimate, odd channels"),
    attr<&A::min_signal_remaining>("min_signal_remaining", "share of the signal that always stays"),
    attr<&A::smoothing_bits>("smoothing_bits", "fractional bits of the estimate"),
    attr<&A::spectral_subtraction_bits>("spectral_subtraction_bits", "fractional bits of the shares"),
    attr<&A::clamping>("clamping", "the estimate never exceeds the signal"),
};

Result<Types> infer(const InferContext& c) {
  const A& a = c.attributes<A>();
  if (a.num_channels < 1 || a.smoothing_bits < 0 || a.smoothing_bits > 31 || a.spectral_subtraction_bits < 0 ||
      a.spectral_subtraction_bits > 63)
    return constraint("signal_filter_bank_spectral_subtraction_c1", "channels or bits are out of range",
                      Cause::invalid_attribute);
  for (std::size_t i : {0U, 1U}) {
    if (!stored_as(c, i, DType::uint32))
      return constraint("signal_filter_bank_spectral_subtraction_c2", "channels are uint32", Cause::unsupported_dtype);
    if (c.shape(i).is_static() && c.shape(i).elements() != a.num_channels)
      return constraint("signal_filter_bank_spectral_subtraction_c3",
                        "channels " + c.shape(i).to_string() + " are not " + std::to_string(a.num_channels));
  }
  return Types{{DType::uint32, c.shape(0)}, {DType::uint32, c.shape(0)}};
}

void run(const KernelArgs& args) noexcept {
  const A& a = args.attributes<A>();
  auto* noise = args.inputs[1].as<std::uint32_t>();  // state
  for (std::int64_t i = 0; i < a.num_channels; ++i) {
    const bool odd = (i & 1) != 0;
    const auto share = static_cast<std::uint32_t>(odd ? a.alternate_smoothing : a.smoothing);
    const auto rest = static_cast<std::uint32_t>(odd ? a.alternate_one_minus_smoothing : a.one_minus_smoothing);
    const std::uint32_t in = args.in<const std::uint32_t>(0)[i], scaled = in << a.smoothing_bits;
    noise[i] = static_cast<std::uint32_t>((std::uint64_t{scaled} * share + std::uint64_t{noise[i]} * rest) >>
                                          a.spectral_subtraction_bits);
    const std::uint32_t estimate = std::min(noise[i], scaled);
    if (a.clamping) noise[i] = estimate;
    const std::uint64_t kept = std::uint64_t{in} * static_cast<std::uint32_t>(a.min_signal_remaining);
    const auto least = static_cast<std::uint32_t>(kept >> a.spectral_subtraction_bits);
    args.out<std::uint32_t>()[i] = std::max((scaled - estimate) >> a.smoothing_bits, least);
    if (args.outputs.size() > 1 && args.outputs[1]) args.out<std::uint32_t>(1)[i] = noise[i];
  }
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef signal_filter_bank_spectral_subtraction{
    .name = "tflite.signal_filter_bank_spectral_subtraction",
    .help = "Channels less a running estimate of their noise, and that estimate.",
    .inputs = "input noise",
    .outputs = "output noise_estimate",
    .attributes = attribute_table<SpectralSubtraction>(attributes),
    .infer = &infer,
    .reference = kernels,
    .stateful = true,
};

}  // namespace qgraph::ops::tflite
