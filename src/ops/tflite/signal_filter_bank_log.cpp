// tflite.signal_filter_bank_log: scaled natural logarithms by a table of the binary one's bend. TensorFlow Lite Micro's
// SignalFilterBankLog.
#include <algorithm>
#include <cmath>

#include "ops/support/signal.hpp"

namespace qgraph::ops::tflite {
namespace {

struct SignalFilterBankLog {
  std::int64_t input_correction_bits = 0, output_scale = 1;
};
constexpr std::array attributes{
    attr<&SignalFilterBankLog::input_correction_bits>("input_correction_bits", "bits that the input is shifted left"),
    attr<&SignalFilterBankLog::output_scale>("output_scale", "factor of the logarithm"),
};

/// bend[i] = 2^16 (log2(1 + i/128) - i/128), rounded: what a straight line between powers of two misses.
using Bend = std::array<std::int32_t, 129>;

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  auto bend = std::make_shared<Bend>();
  for (std::size_t i = 0; i < bend->size(); ++i) {
    const double x = static_cast<double>(i) / 128.0;
    (*bend)[i] = static_cast<std::int32_t>(std::round(65536.0 * (std::log2(1.0 + x) - x)));
  }
  c.prepared_bytes = sizeof(Bend);
  return std::shared_ptr<const void>(std::move(bend));
}

Result<Types> infer(const InferContext& c) {
  const SignalFilterBankLog& a = c.attributes<SignalFilterBankLog>();
  if (a.input_correction_bits < 0 || a.input_correction_bits > 31 || a.output_scale < 0 || a.output_scale > 0x7FFF'FFFF)
    return constraint("signal_filter_bank_log_c1", "correction bits or scale are out of range", Cause::invalid_attribute);
  if (!stored_as(c, 0, DType::uint32))
    return constraint("signal_filter_bank_log_c2", "channels are uint32", Cause::unsupported_dtype);
  return Types{{DType::int16, c.shape(0)}};
}

/// output_scale * ln(x) for x > 1.
std::uint32_t scaled_log(const Bend& bend, std::uint32_t x, std::uint32_t scale) noexcept {
  const auto whole = static_cast<std::uint32_t>(significant_bits(x) - 1);
  const std::uint32_t rest = x - (1U << whole), fraction = whole < 16 ? rest << (16 - whole) : rest >> (whole - 16);
  const std::uint32_t piece = fraction >> 9;
  const std::int32_t low = bend[piece], high = bend[piece + 1];
  const std::int32_t between = ((high - low) * static_cast<std::int32_t>(fraction - (piece << 9))) >> 16;
  const std::uint32_t binary = (whole << 16) + fraction + static_cast<std::uint32_t>(low + between);
  const auto natural = static_cast<std::uint32_t>((std::uint64_t{45426} * binary + 32768) >> 16);
  return (scale * natural + 32768) >> 16;
}

void run(const KernelArgs& args) noexcept {
  const SignalFilterBankLog& a = args.attributes<SignalFilterBankLog>();
  for (std::int64_t i = 0; i < args.inputs[0].elements(); ++i) {
    const std::uint32_t x = args.in<const std::uint32_t>(0)[i] << a.input_correction_bits;
    const std::uint32_t y = x > 1 ? scaled_log(args.prepared_as<Bend>(), x, static_cast<std::uint32_t>(a.output_scale)) : 0;
    args.out<std::int16_t>()[i] = static_cast<std::int16_t>(std::min(y, 32767U));
  }
}

constexpr std::array kernels{kernel(DType::unknown, run, prepare)};
}  // namespace

extern constexpr OpDef signal_filter_bank_log{
    .name = "tflite.signal_filter_bank_log",
    .help = "Natural logarithms of channels, scaled, in 16 bits.",
    .attributes = attribute_table<SignalFilterBankLog>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
