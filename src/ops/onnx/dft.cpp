// dft: ONNX's DFT: the discrete Fourier transform along an axis; the last dimension holds real and imaginary parts.
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

/// Longer transforms are refused: time goes with the square of the length.
constexpr std::int64_t most_values = std::int64_t{1} << 20;

struct Dft {
  std::int64_t axis = -2;
  bool inverse = false, onesided = false;
};
constexpr std::array attributes{
    attr<&Dft::axis>("axis", "where no operand gives it; negative: from the end"),
    attr<&Dft::inverse>("inverse", "from frequencies to values"),
    attr<&Dft::onesided>("onesided", "only the frequencies up to half; inverse: those are given"),
};

/// How many values the transform has: what the operand says, else the axis; inverse of half a spectrum: twice, less the ends.
std::int64_t transform_length(const Dft& a, std::int64_t axis_size, std::optional<std::int64_t> wanted) noexcept {
  if (wanted) return *wanted;
  return a.inverse && a.onesided && axis_size > 0 ? 2 * (axis_size - 1) : axis_size;
}

Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<Dft>();
  Shape out = c.shape(0);
  if (!out.ranked()) return Types{TensorType(c.input(0).element, out)};
  if (out.rank() < 2 || (out[out.rank() - 1] > 2))
    return constraint("dft_c1", "the last dimension of " + out.to_string() + " holds neither reals nor complex numbers");
  std::int64_t given = a.axis;
  if (c.has(2)) {
    const auto axis = c.integers(2);
    if (!axis || axis->size() != 1) {
      Shape open(std::vector<std::int64_t>(out.rank(), Shape::dynamic));
      open[out.rank() - 1] = a.inverse && a.onesided ? 1 : 2;
      return Types{TensorType(c.input(0).element, std::move(open))};
    }
    given = (*axis)[0];
  }
  const auto axis = normalize_axis(given, out.rank());
  if (!axis || *axis + 1 == out.rank())
    return constraint("dft_c2", "the axis is none of " + out.to_string(), Cause::invalid_attribute);
  const auto wanted = c.integers(1);
  if (wanted && (wanted->size() != 1 || !sensible_dim((*wanted)[0])))
    return constraint("dft_c3", "the length is no number", Cause::data_out_of_range);
  const bool known = out[*axis] >= 0 && (!c.has(1) || wanted);
  const std::int64_t n =
      known ? transform_length(a, out[*axis], wanted ? std::optional((*wanted)[0]) : std::nullopt) : Shape::dynamic;
  if (n > most_values) return constraint("dft_c4", "a transform of " + std::to_string(n) + " values", Cause::resource_limit);
  out[*axis] = n >= 0 && a.onesided && !a.inverse ? n / 2 + 1 : n;
  out[out.rank() - 1] = a.inverse && a.onesided ? 1 : 2;
  return Types{TensorType(c.input(0).element, std::move(out))};
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<Dft>();
  const View &in = args.inputs[0], &out = args.outputs[0];
  const auto axis = normalize_axis(args.has(2) ? integer_at(args.inputs[2], 0) : a.axis, in.rank());
  if (!axis || *axis + 1 == in.rank()) return args.control->fail("dft: the axis is none of the input");
  const std::int64_t size = in.dim(*axis), out_size = out.dim(*axis), parts = in.dim(in.rank() - 1),
                     out_parts = out.dim(out.rank() - 1);
  const std::int64_t n = transform_length(a, size, args.has(1) ? std::optional(integer_at(args.inputs[1], 0)) : std::nullopt);
  if (n < 0 || out_size != (a.onesided && !a.inverse ? n / 2 + 1 : n))
    return args.control->fail("dft: the output has another shape");
  const std::int64_t outer = product(in.shape(), 0, *axis), inner = product(in.shape(), *axis + 1, in.rank() - 1);
  std::vector<std::complex<double>> turns(static_cast<std::size_t>(n)), values(static_cast<std::size_t>(n));
  for (std::int64_t k = 0; k < n; ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
    turns[static_cast<std::size_t>(k)] = {std::cos(angle), a.inverse ? std::sin(angle) : -std::sin(angle)};
  }
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < inner; ++i) {
      for (std::int64_t k = 0; k < n; ++k) {
        // Half a spectrum stands for the other half too: conjugated, from the end.
        const bool mirrored = a.inverse && a.onesided && k > n / 2;
        const std::int64_t from = mirrored ? n - k : k;
        std::complex<double> value{};
        if (from < size) {
          const T* x = in.as<const T>() + ((o * size + from) * inner + i) * parts;
          value = {static_cast<double>(x[0]), parts == 2 ? static_cast<double>(x[1]) : 0.0};
        }
        values[static_cast<std::size_t>(k)] = mirrored ? std::conj(value) : value;
      }
      for (std::int64_t k = 0; k < out_size; ++k) {
        std::complex<double> sum{};
        for (std::int64_t j = 0; j < n; ++j)
          sum += values[static_cast<std::size_t>(j)] * turns[static_cast<std::size_t>(j * k % n)];
        if (a.inverse) sum /= static_cast<double>(n);
        T* y = out.as<T>() + ((o * out_size + k) * inner + i) * out_parts;
        y[0] = static_cast<T>(sum.real());
        if (out_parts == 2) y[1] = static_cast<T>(sum.imag());
      }
    }
}

constexpr std::array kernels{kernel(DType::float32, run<float>), kernel(DType::float64, run<double>)};
}  // namespace

extern constexpr OpDef dft{
    .name = "onnx.dft",
    .help = "The discrete Fourier transform along an axis of real ([..., 1]) or complex ([..., 2]) numbers, or its inverse.",
    .inputs = "input length? axis?",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Dft>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
