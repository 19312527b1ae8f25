// Both operands' truth values joined by Logical or, with broadcasting.
#include "ops/op_def.hpp"
#include "ops/support/comparison.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_comparison(c, "logical_or", Meets::stored); }  // logical_or_c1, c2

struct Either {
  bool operator()(bool x, bool y) const noexcept { return x || y; }
};

constexpr std::array kernels{kernel(DType::boolean, run_boolean_comparison<Either>, prepare_broadcast)};

}  // namespace

extern constexpr OpDef logical_or{.name = "logical_or",
                                  .help = "Logical or of two boolean tensors with NumPy broadcasting.",
                                  .inputs = "x y",
                                  .infer = &infer,
                                  .reference = kernels};

}  // namespace qgraph::ops
