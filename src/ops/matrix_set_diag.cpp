// matrix_set_diag: matrices with other diagonals. TensorFlow Lite's MATRIX_SET_DIAG.
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const Shape &in = c.shape(0), &diagonal = c.shape(1);
  if (c.input(0).storage() != c.input(1).storage())
    return constraint("matrix_set_diag_c1", "matrix and diagonal are of two dtypes", Cause::dtype_contradiction);
  if (in.ranked() && in.rank() < 2) return constraint("matrix_set_diag_c2", in.to_string() + " is no matrix");
  if (in.is_static() && diagonal.is_static()) {
    std::vector<std::int64_t> wanted(in.begin(), in.end() - 2);
    wanted.push_back(std::min(in[in.rank() - 2], in[in.rank() - 1]));
    if (diagonal != Shape(wanted))
      return constraint("matrix_set_diag_c3", "diagonals " + diagonal.to_string() + " are not those of " + in.to_string());
  }
  return moved(c, "matrix_set_diag_c4", in, false);
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &diagonal = args.inputs[1], &out = args.outputs[0];
  const std::int64_t rows = in.dim(in.rank() - 2), columns = in.dim(in.rank() - 1), n = std::min(rows, columns);
  if (in.bytes > 0 && out.data != in.data) std::memmove(out.data, in.data, in.bytes);
  StridedCopy copy;
  copy.add(product(in.shape(), 0, in.rank() - 2), n, rows * columns);
  copy.add(n, 1, columns + 1);
  copy.run(diagonal.data, out.data, element_bits(in));
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef matrix_set_diag{
    .name = "matrix_set_diag",
    .help = "The input's matrices with their diagonals replaced.",
    .inputs = "input diagonal",
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops
