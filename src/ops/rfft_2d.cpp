// rfft_2d: the two-dimensional Fourier transform of real images, the half of it that is not the other's mirror. TensorFlow Lite's
// RFFT2D. Summed in double, so that the float result is the rounded true value but for rare last bits.
#include <complex>

#include "ops/op_def.hpp"
#include "ops/support/fourier.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

constexpr bool power_of_two(std::int64_t n) { return n > 0 && n <= 0x100'0000 && (n & (n - 1)) == 0; }

Result<Types> infer(const InferContext& c) {
  Shape out = c.shape(0);
  const auto length = c.integers(1);
  if (const auto n = vector_length(c, 1); n && *n != 2) return constraint("rfft_2d_c1", "the lengths are not height and width");
  if (length)
    for (std::int64_t n : *length)
      if (!power_of_two(n))
        return constraint("rfft_2d_c2", "a length of " + std::to_string(n) + " is no power of two", Cause::data_out_of_range);
  if (out.ranked()) {
    const std::size_t rank = out.rank();
    if (rank < 2 || rank > max_rank) return constraint("rfft_2d_c3", "the input " + out.to_string() + " is no image");
    out[rank - 2] = length ? (*length)[0] : Shape::dynamic;
    out[rank - 1] = length ? (*length)[1] / 2 + 1 : Shape::dynamic;
  }
  return Types{{DType::complex64, std::move(out)}};
}

using Complex = ComplexLane<double>;

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const View& out = c.outputs[0];
  const std::int64_t height = out.dim(out.rank() - 2), width = std::max<std::int64_t>(2 * (out.dim(out.rank() - 1) - 1), 1);
  auto tables =
      std::make_shared<PreparedRfft2d>(PreparedRfft2d{height, width, Fourier(static_cast<std::size_t>(height)),
                                                      RealFourier(static_cast<std::size_t>(std::max<std::int64_t>(width, 2)))});
  c.prepared_bytes = tables->columns.bytes() + tables->rows.bytes();
  c.scratch_bytes = (static_cast<std::size_t>(height) * static_cast<std::size_t>(width / 2 + 1) +
                     static_cast<std::size_t>(std::max(height, width))) *
                    sizeof(Complex);
  return std::shared_ptr<const void>(std::move(tables));
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const auto& prepared = args.prepared_as<PreparedRfft2d>();
  const std::int64_t in_height = in.dim(in.rank() - 2), in_width = in.dim(in.rank() - 1);
  const std::int64_t height = integer_at(args.inputs[1], 0), width = integer_at(args.inputs[1], 1), columns = width / 2 + 1;
  if (height != prepared.height || width != prepared.width)
    return args.control->fail("rfft_2d: the lengths changed after the output's shape was fixed");
  const RealFourierTables rows = prepared.rows.tables();
  const FourierTables upright = prepared.columns.tables();
  auto* half = reinterpret_cast<Complex*>(args.scratch);
  Complex* line = half + height * columns;
  for (std::int64_t image = 0; image < product(in.shape(), 0, in.rank() - 2); ++image) {
    const float* pixels = in.as<const float>() + image * in_height * in_width;
    for (std::int64_t y = 0; y < height; ++y) {
      const auto pixel = [&](std::int64_t x) {
        return y < in_height && x < in_width ? static_cast<double>(pixels[y * in_width + x]) : 0.0;
      };
      Complex* points = half + y * columns;
      if (width == 1) {
        points[0] = {pixel(0), 0.0};
        continue;
      }
      for (std::int64_t k = 0; k < width / 2; ++k) line[rows.half.reversed[k]] = {pixel(2 * k), pixel(2 * k + 1)};
      fourier(line, rows.half);
      unfold(line, rows, [&](std::size_t k, Complex value) { points[k] = value; });
    }
    auto* result = out.as<std::complex<float>>() + image * height * columns;
    for (std::int64_t x = 0; x < columns; ++x) {
      for (std::int64_t y = 0; y < height; ++y) line[upright.reversed[y]] = half[y * columns + x];
      fourier(line, upright);
      for (std::int64_t y = 0; y < height; ++y)
        result[y * columns + x] = {static_cast<float>(line[y].re), static_cast<float>(line[y].im)};
    }
  }
}

constexpr std::array kernels{kernel(DType::float32, run, prepare)};
}  // namespace

extern constexpr OpDef rfft_2d{
    .name = "rfft_2d",
    .help =
        "The Fourier transform of real images over their last two dimensions, padded with zeros or cut to the given lengths "
        "(powers of two); width / 2 + 1 columns.",
    .inputs = "input fft_length",
    .exactness = Exactness::float_order,
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops
