// tflite.signal_filter_bank: energies summed into overlapping channels; what one channel's weight leaves goes to the next.
// TensorFlow Lite Micro's SignalFilterBank.
#include "ops/support/signal.hpp"

namespace qgraph::ops::tflite {
namespace {

struct SignalFilterBank {
  std::int64_t num_channels = 0;
};
constexpr std::array attributes{attr<&SignalFilterBank::num_channels>("num_channels", "channels of the output")};

Result<Types> infer(const InferContext& c) {
  const std::int64_t n = c.attributes<SignalFilterBank>().num_channels;
  if (n < 1 || n > 0xFFFF) return constraint("signal_filter_bank_c1", "the number of channels is none", Cause::invalid_attribute);
  if (!stored_as(c, 0, DType::uint32))
    return constraint("signal_filter_bank_c2", "energies are uint32", Cause::unsupported_dtype);
  for (std::size_t i = 1; i < 6; ++i)
    if (!stored_as(c, i, DType::int16))
      return constraint("signal_filter_bank_c2", "weights, starts and widths are int16", Cause::unsupported_dtype);
  for (std::size_t i = 3; i < 6; ++i)
    if (c.shape(i).is_static() && c.shape(i).elements().value_or(0) < n + 1)
      return constraint("signal_filter_bank_c3",
                        "starts and widths " + c.shape(i).to_string() + " are not one more than the channels");
  return Types{{DType::uint64, Shape{n}}};
}

void run(const KernelArgs& args) noexcept {
  const std::int64_t bins = args.inputs[0].elements(), weights = std::min(args.inputs[1].elements(), args.inputs[2].elements());
  const auto word = [&](std::size_t i, std::int64_t at) { return static_cast<std::int64_t>(args.in<const std::int16_t>(i)[at]); };
  std::uint64_t rising = 0, falling = 0;
  for (std::int64_t channel = 0; channel <= args.attributes<SignalFilterBank>().num_channels; ++channel) {
    const std::int64_t bin = word(3, channel), weight = word(4, channel), width = word(5, channel);
    if (width > 0 && (bin < 0 || bin + width > bins || weight < 0 || weight + width > weights))
      return args.control->fail("signal_filter_bank: a channel reaches beyond the spectrum or the weights");
    for (std::int64_t j = 0; j < width; ++j) {
      const std::uint64_t energy = args.in<const std::uint32_t>(0)[bin + j];
      rising += static_cast<std::uint64_t>(word(1, weight + j)) * energy;
      falling += static_cast<std::uint64_t>(word(2, weight + j)) * energy;
    }
    if (channel > 0) args.out<std::uint64_t>()[channel - 1] = rising;  // the first only feeds the second
    rising = falling;
    falling = 0;
  }
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef signal_filter_bank{
    .name = "tflite.signal_filter_bank",
    .help = "Energies of a spectrum summed into overlapping triangular channels.",
    .inputs = "input weights unweights frequency_starts weight_starts widths",
    .attributes = attribute_table<SignalFilterBank>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
