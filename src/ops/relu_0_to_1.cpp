// relu_0_to_1: min(max(x, 0), 1)
#include "ops/support/relu.hpp"

namespace qgraph::ops {

extern constexpr OpDef relu_0_to_1{.name = "relu_0_to_1",
                                   .help =
                                       "min(max(x, 0), 1), element by element; a quantized output may have parameters of its "
                                       "own. TensorFlow Lite's RELU_0_TO_1.",
                                   .infer = &infer_same,
                                   .reference = relu_kernels<ReluRange{0.0F, 1.0F}>};

}  // namespace qgraph::ops
