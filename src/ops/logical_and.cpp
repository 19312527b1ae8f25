// Both operands' truth values joined by Logical and, with broadcasting.
#include "ops/op_def.hpp"
#include "ops/support/comparison.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_comparison(c, "logical_and", Meets::stored); }  // logical_and_c1, c2

struct Both {
  bool operator()(bool x, bool y) const noexcept { return x && y; }
};

constexpr std::array kernels{kernel(DType::boolean, run_boolean_comparison<Both>, prepare_broadcast)};

}  // namespace

extern constexpr OpDef logical_and{.name = "logical_and",
                                   .help = "Logical and of two boolean tensors with NumPy broadcasting.",
                                   .inputs = "x y",
                                   .infer = &infer,
                                   .reference = kernels};

}  // namespace qgraph::ops
