// stft: ONNX's STFT: the Fourier transforms of windows that step over a signal.
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

struct Stft {
  bool onesided = true;
};
constexpr std::array attributes{attr<&Stft::onesided>("onesided", "only the frequencies up to half")};

std::optional<std::int64_t> one(const InferContext& c, std::size_t i) {
  const auto values = c.integers(i);
  return values && values->size() == 1 ? std::optional((*values)[0]) : std::nullopt;
}

Result<Types> infer(const InferContext& c) {
  const Shape& signal = c.shape(0);
  if (signal.ranked() && (signal.rank() < 2 || signal.rank() > 3 || (signal.rank() == 3 && signal[2] > 2)))
    return constraint("stft_c1", "the signal " + signal.to_string() + " is not [batch,length,1 or 2]");
  if (!c.has(2) && !c.has(3)) return constraint("stft_c2", "neither a window nor its length is given", Cause::missing_attribute);
  std::optional<std::int64_t> frame = c.has(3) ? one(c, 3) : std::nullopt;
  if (!c.has(3) && c.shape(2).is_static()) frame = c.shape(2).elements();
  const auto step = one(c, 1);
  if ((step && *step < 1) || (frame && !(*frame >= 1 && sensible_dim(*frame))))
    return constraint("stft_c3", "step and length of the window are positive", Cause::data_out_of_range);
  const std::int64_t batch = signal.ranked() ? signal[0] : Shape::dynamic, length = signal.ranked() ? signal[1] : Shape::dynamic;
  const std::int64_t frames =
      step && frame && length >= 0 ? (length < *frame ? 0 : (length - *frame) / *step + 1) : Shape::dynamic;
  const std::int64_t bins = frame ? (c.attributes<Stft>().onesided ? *frame / 2 + 1 : *frame) : Shape::dynamic;
  return Types{TensorType(c.input(0).element, Shape{batch, frames, bins, 2})};
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const std::int64_t step = integer_at(args.inputs[1], 0), length = in.dim(1), parts = in.rank() == 3 ? in.dim(2) : 1;
  const std::int64_t n = args.has(3) ? integer_at(args.inputs[3], 0) : args.inputs[2].elements();
  const std::int64_t frames = out.dim(1), bins = out.dim(2);
  if (n < 1 || step < 1 || bins > n || (frames > 0 && (frames - 1) * step + n > length) ||
      (args.has(2) && args.inputs[2].elements() > n))
    return args.control->fail("stft: step, window and shapes do not fit");
  std::vector<std::complex<double>> turns(static_cast<std::size_t>(n));
  for (std::int64_t k = 0; k < n; ++k) {
    const double angle = -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
    turns[static_cast<std::size_t>(k)] = {std::cos(angle), std::sin(angle)};
  }
  T* y = out.as<T>();
  const std::int64_t windowed = args.has(2) ? args.inputs[2].elements() : n;
  for (std::int64_t b = 0; b < in.dim(0); ++b)
    for (std::int64_t f = 0; f < frames; ++f)
      for (std::int64_t k = 0; k < bins; ++k) {
        std::complex<double> sum{};
        for (std::int64_t j = 0; j < windowed; ++j) {
          const T* x = in.as<const T>() + (b * length + f * step + j) * parts;
          const double weight = args.has(2) ? static_cast<double>(args.in<T>(2)[j]) : 1.0;
          sum += std::complex<double>(static_cast<double>(x[0]), parts == 2 ? static_cast<double>(x[1]) : 0.0) * weight *
                 turns[static_cast<std::size_t>(j * k % n)];
        }
        *y++ = static_cast<T>(sum.real());
        *y++ = static_cast<T>(sum.imag());
      }
}

constexpr std::array kernels{kernel(DType::float32, run<float>), kernel(DType::float64, run<double>)};
}  // namespace

extern constexpr OpDef stft{
    .name = "onnx.stft",
    .help = "For each window that steps over the signal its discrete Fourier transform, as real and imaginary parts.",
    .inputs = "signal frame_step window? frame_length?",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Stft>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
