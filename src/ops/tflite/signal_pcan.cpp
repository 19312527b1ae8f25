// tflite.signal_pcan: per-channel automatic gain by the noise estimate, through a table of parabola pieces, and a soft
// compression. TensorFlow Lite Micro's SignalPCAN.
#include "ops/support/signal.hpp"

namespace qgraph::ops::tflite {
namespace {

struct SignalPcan {
  std::int64_t snr_shift = 0;
};
constexpr std::array attributes{attr<&SignalPcan::snr_shift>("snr_shift", "bits that signal times gain is shifted right")};

constexpr std::int64_t table_size = 125;  ///< 4 * 32 - 6 + 3

Result<Types> infer(const InferContext& c) {
  const std::int64_t shift = c.attributes<SignalPcan>().snr_shift;
  if (shift < 0 || shift > 63)
    return constraint("signal_pcan_c1", "a shift of " + std::to_string(shift), Cause::invalid_attribute);
  if (!stored_as(c, 0, DType::uint32) || !stored_as(c, 1, DType::uint32) || !stored_as(c, 2, DType::int16))
    return constraint("signal_pcan_c2", "channels are uint32, the table int16", Cause::unsupported_dtype);
  if (c.shape(0).is_static() && c.shape(1).is_static() && c.shape(0).elements() != c.shape(1).elements())
    return constraint("signal_pcan_c3", "noise " + c.shape(1).to_string() + " is not one for each of " + c.shape(0).to_string());
  if (c.shape(2).is_static() && c.shape(2).elements().value_or(0) < 3)
    return constraint("signal_pcan_c4", "the gain table is too short");
  return Types{{DType::uint32, c.shape(0)}};
}

void run(const KernelArgs& args) noexcept {
  const std::int16_t* table = args.in<const std::int16_t>(2);
  const std::int64_t entries = args.inputs[2].elements();
  const auto gain = [&](std::uint32_t x) -> std::optional<std::int16_t> {
    if (x <= 2) return table[x];
    const int bits = significant_bits(x);
    const std::int64_t at = 4 * bits - 6;
    if (at + 3 > std::min(entries, table_size)) return std::nullopt;
    const auto fraction = static_cast<std::int32_t>((bits < 11 ? x << (11 - bits) : x >> (bits - 11)) & 0x3FF);
    std::int32_t result = (table[at + 2] * fraction) >> 5;
    result += static_cast<std::int32_t>(static_cast<std::uint32_t>(table[at + 1]) << 5);
    result = static_cast<std::int32_t>(static_cast<std::uint32_t>(result) * static_cast<std::uint32_t>(fraction));
    return static_cast<std::int16_t>(((result + (1 << 14)) >> 15) + table[at]);
  };
  for (std::int64_t i = 0; i < args.inputs[0].elements(); ++i) {
    const auto g = gain(args.in<const std::uint32_t>(1)[i]);
    if (!g) return args.control->fail("signal_pcan: the noise is beyond the gain table");
    const auto factor = static_cast<std::uint32_t>(std::int32_t{*g});
    const std::uint64_t louder = std::uint64_t{args.in<const std::uint32_t>(0)[i]} * factor;
    const auto snr = static_cast<std::uint32_t>(louder >> args.attributes<SignalPcan>().snr_shift);
    args.out<std::uint32_t>()[i] = snr < (2U << 12) ? (snr * snr) >> 20 : (snr >> 6) - 64;
  }
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef signal_pcan{
    .name = "tflite.signal_pcan",
    .help = "Channels times a gain that falls with their noise, softly compressed.",
    .inputs = "input noise_estimate gain_table",
    .attributes = attribute_table<SignalPcan>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
