// tflite.signal_rfft: the Fourier transform of 16-bit samples in fixed point, as TensorFlow Lite Micro's SignalRfft computes it
// with Kiss FFT: radix 4 and 2 steps, each of which first divides by its radix, so that nothing overflows. The output is pairs
// of int16: real and imaginary part.
#include <cmath>
#include <numbers>

#include "ops/support/signal.hpp"

namespace qgraph::ops::tflite {
namespace {

struct SignalRfft {
  std::int64_t fft_length = 0;
};
constexpr std::array attributes{
    attr<&SignalRfft::fft_length>("fft_length", "samples of a transform, a power of two; shorter inputs are filled with zeros")};

Result<Types> infer(const InferContext& c) {
  const std::int64_t n = c.attributes<SignalRfft>().fft_length;
  if (n < 4 || n > 0x10000 || (n & (n - 1)) != 0)
    return constraint("signal_rfft_c1", "a length of " + std::to_string(n) + " is no power of two", Cause::invalid_attribute);
  if (!stored_as(c, 0, DType::int16)) return constraint("signal_rfft_c2", "samples are int16", Cause::unsupported_dtype);
  Shape out = c.shape(0);
  if (!out.ranked()) return Types{{DType::int16, out}};
  if (out.rank() == 0 || out[out.rank() - 1] > n)
    return constraint("signal_rfft_c3", "samples " + out.to_string() + " are more than " + std::to_string(n));
  out[out.rank() - 1] = n + 2;
  return Types{{DType::int16, std::move(out)}};
}

struct Complex {
  std::int16_t r = 0, i = 0;
};

/// A product of 15-bit fractions, rounded half up.
constexpr std::int16_t rounded(std::int32_t x) noexcept { return static_cast<std::int16_t>((x + (1 << 14)) >> 15); }
constexpr Complex operator*(Complex a, Complex b) noexcept {
  return {rounded(a.r * b.r - a.i * b.i), rounded(a.r * b.i + a.i * b.r)};
}
constexpr Complex operator+(Complex a, Complex b) noexcept {
  return {static_cast<std::int16_t>(a.r + b.r), static_cast<std::int16_t>(a.i + b.i)};
}
constexpr Complex operator-(Complex a, Complex b) noexcept {
  return {static_cast<std::int16_t>(a.r - b.r), static_cast<std::int16_t>(a.i - b.i)};
}
constexpr Complex divided(Complex a, std::int32_t by) noexcept {
  return {rounded(a.r * (32767 / by)), rounded(a.i * (32767 / by))};
}

Complex on_circle(double phase) noexcept {
  return {static_cast<std::int16_t>(std::floor(0.5 + 32767.0 * std::cos(phase))),
          static_cast<std::int16_t>(std::floor(0.5 + 32767.0 * std::sin(phase)))};
}

struct Tables {
  std::vector<Complex> inner, outer;
};  ///< of the half-length complex transform, and of its unfolding

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const auto half = static_cast<std::size_t>(c.attributes<SignalRfft>().fft_length / 2);
  auto tables = std::make_shared<Tables>();
  for (std::size_t k = 0; k < half; ++k)
    tables->inner.push_back(on_circle(-2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(half)));
  for (std::size_t k = 0; k < half / 2; ++k)
    tables->outer.push_back(on_circle(-std::numbers::pi * (static_cast<double>(k + 1) / static_cast<double>(half) + 0.5)));
  c.scratch_bytes = 2 * half * sizeof(Complex);
  c.prepared_bytes = 2 * half * sizeof(Complex);
  return std::shared_ptr<const void>(std::move(tables));
}

/// out[0, n) from every `stride`-th of in, n a power of two: four parts while they divide, else two.
void fourier(Complex* out, const Complex* in, std::size_t n, std::size_t stride, const std::vector<Complex>& w) noexcept {
  if (n == 1) {
    *out = *in;
    return;
  }
  const std::size_t parts = n % 4 == 0 ? 4 : 2, m = n / parts;
  for (std::size_t q = 0; q < parts; ++q) fourier(out + q * m, in + q * stride, m, stride * parts, w);
  for (std::size_t k = 0; k < m; ++k) {
    if (parts == 2) {
      const Complex a = divided(out[k], 2), b = divided(out[k + m], 2) * w[k * stride];
      out[k + m] = a - b;
      out[k] = a + b;
      continue;
    }
    const Complex a = divided(out[k], 4), b = divided(out[k + m], 4) * w[k * stride],
                  c = divided(out[k + 2 * m], 4) * w[2 * k * stride], d = divided(out[k + 3 * m], 4) * w[3 * k * stride];
    const Complex even = a + c, odd = a - c, sum = b + d, difference = b - d;
    out[k + 2 * m] = even - sum;
    out[k] = even + sum;
    out[k + m] = odd + Complex{difference.i, static_cast<std::int16_t>(-difference.r)};
    out[k + 3 * m] = odd - Complex{difference.i, static_cast<std::int16_t>(-difference.r)};
  }
}

void run(const KernelArgs& args) noexcept {
  const View& in = args.inputs[0];
  const Tables& tables = args.prepared_as<Tables>();
  const auto half = static_cast<std::int64_t>(tables.inner.size()), length = in.dim(in.rank() - 1);
  auto* packed = reinterpret_cast<Complex*>(args.scratch);
  Complex* spectrum = packed + half;
  for (std::int64_t row = 0; row < product(in.shape(), 0, in.rank() - 1); ++row) {
    const std::int16_t* samples = in.as<const std::int16_t>() + row * length;
    const auto sample = [&](std::int64_t i) { return i < length ? samples[i] : std::int16_t{0}; };
    for (std::int64_t k = 0; k < half; ++k) packed[k] = {sample(2 * k), sample(2 * k + 1)};
    fourier(spectrum, packed, static_cast<std::size_t>(half), 1, tables.inner);
    auto* out = args.outputs[0].as<Complex>() + row * (half + 1);
    const Complex first = divided(spectrum[0], 2);
    out[0] = {static_cast<std::int16_t>(first.r + first.i), 0};
    out[half] = {static_cast<std::int16_t>(first.r - first.i), 0};
    for (std::int64_t k = 1; k <= half / 2; ++k) {
      const Complex mirrored{spectrum[half - k].r, static_cast<std::int16_t>(-spectrum[half - k].i)};
      const Complex a = divided(spectrum[k], 2), b = divided(mirrored, 2);
      const Complex sum = a + b, turned = (a - b) * tables.outer[static_cast<std::size_t>(k - 1)];
      out[k] = {static_cast<std::int16_t>((sum.r + turned.r) >> 1), static_cast<std::int16_t>((sum.i + turned.i) >> 1)};
      out[half - k] = {static_cast<std::int16_t>((sum.r - turned.r) >> 1), static_cast<std::int16_t>((turned.i - sum.i) >> 1)};
    }
  }
}

constexpr std::array kernels{kernel(DType::unknown, run, prepare)};
}  // namespace

extern constexpr OpDef signal_rfft{
    .name = "tflite.signal_rfft",
    .help = "The Fourier transform of 16-bit samples along the last dimension, in fixed point: pairs of real and imaginary part.",
    .attributes = attribute_table<SignalRfft>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
