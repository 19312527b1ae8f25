// Whether x and y are equal, with broadcasting.
#include "ops/op_def.hpp"
#include "ops/support/comparison.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_comparison(c, "equal", Meets::scaled); }  // equal_c1, c2, c3

struct Equal {
  template <class T>
  bool operator()(const T& x, const T& y) const noexcept {
    return x == y;
  }
};

constexpr auto kernels = join(quantized_comparisons<Equal>(prepare_rescaled_comparison), number_comparisons<Equal>(),
                              comparison_rows<Equal, std::complex<float>, std::complex<double>>(),
                              std::array{kernel(DType::boolean, run_boolean_comparison<Equal>, prepare_broadcast),
                                         kernel(DType::string, run_string_comparison<Equal>, prepare_broadcast)});

}  // namespace

extern constexpr OpDef equal{.name = "equal",
                             .help =
                                 "x == y with NumPy broadcasting. Quantized operands are rescaled by 256 times their scale and "
                                 "rounded before, as TensorFlow Lite does.",
                             .inputs = "x y",
                             .infer = &infer,
                             .reference = kernels};

}  // namespace qgraph::ops
