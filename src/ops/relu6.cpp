// relu6: min(max(x, 0), 6)
#include "ops/support/relu.hpp"

namespace qgraph::ops {

extern constexpr OpDef relu6{
    .name = "relu6",
    .help = "min(max(x, 0), 6), element by element; a quantized output may have parameters of its own. TensorFlow Lite's RELU6.",
    .infer = &infer_same,
    .reference = relu_kernels<ReluRange{0.0F, 6.0F}>};

}  // namespace qgraph::ops
