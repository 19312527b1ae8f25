// det: ONNX's Det: determinants of square matrices, by elimination with row pivots.
#include <cmath>
#include <utility>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  if (!in.ranked()) return Types{TensorType(c.input(0).element, Shape::unknown_rank())};
  if (in.rank() < 2 || (in[in.rank() - 1] >= 0 && in[in.rank() - 2] >= 0 && in[in.rank() - 1] != in[in.rank() - 2]))
    return constraint("det_c1", "the input " + in.to_string() + " holds no square matrices");
  return Types{TensorType(c.input(0).element, Shape(in.dims().first(in.rank() - 2)))};
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const std::int64_t n = c.inputs[0].dim(c.inputs[0].rank() - 1);
  c.scratch_bytes = static_cast<std::size_t>(n * n) * sizeof(double);
  return std::shared_ptr<const void>();
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const View& in = args.inputs[0];
  const std::int64_t n = in.dim(in.rank() - 1);
  auto* m = reinterpret_cast<double*>(args.scratch);
  for (std::int64_t k = 0; k < args.outputs[0].elements(); ++k) {
    for (std::int64_t i = 0; i < n * n; ++i) m[i] = static_cast<double>(in.as<T>()[k * n * n + i]);
    double determinant = 1;
    for (std::int64_t column = 0; column < n; ++column) {
      std::int64_t pivot = column;
      for (std::int64_t r = column + 1; r < n; ++r)
        if (std::abs(m[r * n + column]) > std::abs(m[pivot * n + column])) pivot = r;
      if (pivot != column) {
        for (std::int64_t j = 0; j < n; ++j) std::swap(m[pivot * n + j], m[column * n + j]);
        determinant = -determinant;
      }
      const double head = m[column * n + column];
      determinant *= head;
      if (head == 0) break;
      for (std::int64_t r = column + 1; r < n; ++r) {
        const double factor = m[r * n + column] / head;
        for (std::int64_t j = column; j < n; ++j) m[r * n + j] -= factor * m[column * n + j];
      }
    }
    args.out<T>()[k] = static_cast<T>(determinant);
  }
}

constexpr std::array kernels{kernel(DType::float32, run<float>, prepare), kernel(DType::float64, run<double>, prepare)};
}  // namespace

extern constexpr OpDef det{
    .name = "onnx.det",
    .help = "The determinants of the square matrices in the last two dimensions.",
    .exactness = Exactness::float_order,
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
