// tflite.signal_energy: squared magnitudes of a spectrum from start_index to before end_index. TensorFlow Lite
// Micro's SignalEnergy.
#include <algorithm>
#include <cstring>

#include "ops/support/signal.hpp"

namespace qgraph::ops::tflite {
namespace {

struct SignalEnergy {
  std::int64_t start_index = 0, end_index = 0;
};
constexpr std::array attributes{
    attr<&SignalEnergy::start_index>("start_index", "the first bin that is computed; those outside are zero"),
    attr<&SignalEnergy::end_index>("end_index", "behind the last bin that is computed"),
};

Result<Types> infer(const InferContext& c) {
  const SignalEnergy& a = c.attributes<SignalEnergy>();
  const Shape& in = c.shape(0);
  if (!stored_as(c, 0, DType::int16))
    return constraint("signal_energy_c1", "a spectrum is pairs of int16", Cause::unsupported_dtype);
  if (!in.ranked()) return Types{{DType::uint32, in}};
  if (in.rank() != 1) return constraint("signal_energy_c2", "the spectrum " + in.to_string() + " is no vector");
  const std::int64_t bins = in[0] < 0 ? Shape::dynamic : in[0] / 2;
  if (a.start_index < 0 || a.end_index < a.start_index || (bins >= 0 && a.end_index > bins))
    return constraint("signal_energy_c3",
                      "bins " + std::to_string(a.start_index) + " to " + std::to_string(a.end_index) + " are not within " +
                          std::to_string(bins),
                      Cause::invalid_attribute);
  return Types{{DType::uint32, Shape{bins}}};
}

void run(const KernelArgs& args) noexcept {
  const SignalEnergy& a = args.attributes<SignalEnergy>();
  const std::int16_t* in = args.in<const std::int16_t>(0);
  std::memset(args.outputs[0].data, 0, args.outputs[0].bytes);
  for (std::int64_t i = a.start_index; i < std::min(a.end_index, args.outputs[0].dim(0)); ++i) {
    const auto square = [](std::int32_t v) { return static_cast<std::uint32_t>(v * v); };
    args.out<std::uint32_t>()[i] = square(in[2 * i]) + square(in[2 * i + 1]);
  }
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef signal_energy{
    .name = "tflite.signal_energy",
    .help = "Squared magnitudes of the bins of a spectrum.",
    .attributes = attribute_table<SignalEnergy>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
