// relu: max(x, 0)
#include "ops/support/relu.hpp"

namespace qgraph::ops {

extern constexpr OpDef relu{
    .name = "relu",
    .help = "max(x, 0), element by element; a quantized output may have parameters of its own. TensorFlow Lite's RELU.",
    .infer = &infer_same,
    .reference = relu_kernels<ReluRange{}>};

}  // namespace qgraph::ops
