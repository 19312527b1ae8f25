// affine_grid: ONNX's AffineGrid: the places where a transformed image reads another one, in [-1, 1].
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

struct AffineGrid {
  bool align_corners = false;
};
constexpr std::array attributes{
    attr<&AffineGrid::align_corners>("align_corners", "-1 and 1 are the centers of the outermost pixels, not their borders")};

Result<Types> infer(const InferContext& c) {
  const Shape& theta = c.shape(0);
  const auto size = c.integers(1);
  const auto rank = size ? std::optional(size->size()) : vector_length(c, 1);
  if (rank && *rank != 4 && *rank != 5) return constraint("affine_grid_c1", "the size is neither [n,c,h,w] nor [n,c,d,h,w]");
  if (!rank) return Types{TensorType(c.input(0).element, Shape::unknown_rank())};
  const auto space = static_cast<std::int64_t>(*rank) - 2;
  if (theta.ranked() && (theta.rank() != 3 || (theta[1] >= 0 && theta[1] != space) || (theta[2] >= 0 && theta[2] != space + 1) ||
                         (size && theta[0] >= 0 && theta[0] != (*size)[0])))
    return constraint("affine_grid_c2", "theta " + theta.to_string() + " does not fit the size");
  std::vector<std::int64_t> out(*rank, Shape::dynamic);
  out.back() = space;
  if (size) {
    for (std::int64_t d : *size)
      if (!sensible_dim(d)) return constraint("affine_grid_c1", "the size is no shape", Cause::data_out_of_range);
    out[0] = (*size)[0];
    for (std::size_t i = 2; i < size->size(); ++i) out[i - 1] = (*size)[i];
  }
  return Types{TensorType(c.input(0).element, Shape(std::move(out)))};
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const View& out = args.outputs[0];
  const bool align = args.attributes<AffineGrid>().align_corners;
  const std::size_t space = out.rank() - 2;
  const std::int64_t depth = space == 3 ? out.dim(1) : 1, height = out.dim(out.rank() - 3), width = out.dim(out.rank() - 2);
  const auto place = [align](std::int64_t i, std::int64_t n) {
    if (!align) return (T(2) * static_cast<T>(i) + T(1)) / static_cast<T>(n) - T(1);
    return n == 1 ? T(-1) : T(2) * static_cast<T>(i) / static_cast<T>(n - 1) - T(1);
  };
  T* to = out.as<T>();
  for (std::int64_t b = 0; b < out.dim(0); ++b) {
    const T* theta = args.in<T>(0) + static_cast<std::size_t>(b) * space * (space + 1);
    for (std::int64_t z = 0; z < depth; ++z)
      for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x) {
          const T at[3] = {place(x, width), place(y, height), space == 3 ? place(z, depth) : T(0)};
          for (std::size_t r = 0; r < space; ++r) {
            T sum = theta[r * (space + 1) + space];
            for (std::size_t k = 0; k < space; ++k) sum += theta[r * (space + 1) + k] * at[k];
            *to++ = sum;
          }
        }
  }
}

constexpr std::array kernels{kernel(DType::float32, run<float>), kernel(DType::float64, run<double>)};
}  // namespace

extern constexpr OpDef affine_grid{
    .name = "onnx.affine_grid",
    .help = "For every pixel of the result the place, x first, that an affine map gives it in the image it is read from.",
    .inputs = "theta size",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<AffineGrid>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
