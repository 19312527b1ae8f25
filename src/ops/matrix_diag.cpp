// matrix_diag: square matrices of zeros with the input's rows as diagonals. TensorFlow Lite's MATRIX_DIAG.
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  Shape out = c.shape(0);
  if (!out.ranked()) return moved(c, "matrix_diag_c1", out, false);
  if (out.rank() == 0) return constraint("matrix_diag_c2", "a scalar is no diagonal");
  out.mutable_dims().push_back(out[out.rank() - 1]);
  return moved(c, "matrix_diag_c1", std::move(out), false);
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const std::int64_t n = in.dim(in.rank() - 1);
  if (out.bytes > 0) std::memset(out.data, 0, out.bytes);
  StridedCopy copy;
  copy.add(product(in.shape(), 0, in.rank() - 1), n, n * n);
  copy.add(n, 1, n + 1);
  copy.run(in.data, out.data, element_bits(in));
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef matrix_diag{
    .name = "matrix_diag",
    .help = "Square matrices that hold the input's rows on their diagonals and stored zeros elsewhere.",
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops
