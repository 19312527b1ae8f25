// Both operands' truth values joined by Exclusive or, with broadcasting.
#include "ops/op_def.hpp"
#include "ops/support/comparison.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_comparison(c, "logical_xor", Meets::stored); }  // logical_xor_c1, c2

struct OnlyOne {
  bool operator()(bool x, bool y) const noexcept { return x != y; }
};

constexpr std::array kernels{kernel(DType::boolean, run_boolean_comparison<OnlyOne>, prepare_broadcast)};

}  // namespace

extern constexpr OpDef logical_xor{.name = "logical_xor",
                                   .help = "Exclusive or of two boolean tensors with NumPy broadcasting.",
                                   .inputs = "x y",
                                   .infer = &infer,
                                   .reference = kernels};

}  // namespace qgraph::ops
