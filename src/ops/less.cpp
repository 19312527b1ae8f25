// Whether x < y, with broadcasting.
#include "ops/op_def.hpp"
#include "ops/support/comparison.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_comparison(c, "less", Meets::scaled); }  // less_c1, c2, c3

struct Less {
  template <class T>
  bool operator()(T x, T y) const noexcept {
    return x < y;
  }
};

constexpr auto kernels = join(quantized_comparisons<Less>(prepare_ordered_comparison), number_comparisons<Less>());

}  // namespace

extern constexpr OpDef less{.name = "less",
                            .help =
                                "x < y with NumPy broadcasting. Quantized operands of 8 bits are rescaled by 256 times their "
                                "scale and rounded before, as TensorFlow Lite does.",
                            .inputs = "x y",
                            .infer = &infer,
                            .reference = kernels};

}  // namespace qgraph::ops
