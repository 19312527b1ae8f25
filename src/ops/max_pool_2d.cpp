// max_pool_2d: maxima of windows.
#include "ops/support/pool.hpp"

namespace qgraph::ops {
namespace {

// max_pool_2d_c1: positive filter, stride and dilation; c2: rank 4; c3: a window fits.
Result<Types> infer(const InferContext& c) { return infer_pool<Pool2d>(c, "max_pool_2d"); }

}  // namespace

extern constexpr OpDef max_pool_2d{.name = "max_pool_2d",
                                   .help = "The maximum of each window. TensorFlow Lite's MAX_POOL_2D, ONNX's MaxPool.",
                                   .exactness = Exactness::bit_exact,
                                   .attributes = attribute_table<Pool2d>(pool_2d_attributes),
                                   .infer = &infer,
                                   .reference = max_pool_kernels<Pool2d>};

}  // namespace qgraph::ops
