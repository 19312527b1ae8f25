// tflite.signal_filter_bank_square_root: rounded square roots, shifted right. TensorFlow Lite Micro's SignalFilterBankSquareRoot.
#include "ops/support/signal.hpp"

namespace qgraph::ops::tflite {
namespace {

Result<Types> infer(const InferContext& c) {
  if (!stored_as(c, 0, DType::uint64) || !stored_as(c, 1, DType::int32))
    return constraint("signal_filter_bank_square_root_c1", "channels are uint64, the shift int32", Cause::unsupported_dtype);
  if (c.shape(1).is_static() && c.shape(1).elements() != 1)
    return constraint("signal_filter_bank_square_root_c2", "the shift is not one number");
  return Types{{DType::uint32, c.shape(0)}};
}

/// The nearest integer to the root, bit by bit; saturated at `most`.
template <class T>
std::uint32_t root(T x, T most) noexcept {
  if (x == 0) return 0;
  T result = 0;
  for (T bit = T{1} << ((significant_bits(x) - 1) & ~1); bit != 0; bit >>= 2) {
    if (x >= result + bit) {
      x -= result + bit;
      result = (result >> 1) + bit;
    } else {
      result >>= 1;
    }
  }
  if (x > result && result != most) ++result;
  return static_cast<std::uint32_t>(result);
}

void run(const KernelArgs& args) noexcept {
  const std::int32_t shift = *args.in<const std::int32_t>(1);
  if (shift < 0 || shift > 31) return fail_index(args, "signal_filter_bank_square_root", shift, 32);
  for (std::int64_t i = 0; i < args.inputs[0].elements(); ++i) {
    const std::uint64_t x = args.in<const std::uint64_t>(0)[i];
    const std::uint32_t y =
        x >> 32 == 0 ? root<std::uint32_t>(static_cast<std::uint32_t>(x), 0xFFFF) : root<std::uint64_t>(x, 0xFFFF'FFFF);
    args.out<std::uint32_t>()[i] = y >> shift;
  }
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef signal_filter_bank_square_root{
    .name = "tflite.signal_filter_bank_square_root",
    .help = "Rounded square roots of 64-bit channels, shifted right by the auto scale's bits.",
    .inputs = "input scale_bits",
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
