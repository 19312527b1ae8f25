// max_pool_3d: maxima of windows in three dimensions.
#include "ops/support/pool.hpp"

namespace qgraph::ops {
namespace {

// max_pool_3d_c1: positive filter, stride and dilation; c2: rank 5; c3: a window fits.
Result<Types> infer(const InferContext& c) { return infer_pool<Pool3d>(c, "max_pool_3d"); }

}  // namespace

extern constexpr OpDef max_pool_3d{.name = "max_pool_3d",
                                   .help = "The maximum of each window. TensorFlow Lite's custom MaxPool3D.",
                                   .exactness = Exactness::bit_exact,
                                   .attributes = attribute_table<Pool3d>(pool_3d_attributes),
                                   .infer = &infer,
                                   .reference = max_pool_kernels<Pool3d>};

}  // namespace qgraph::ops
