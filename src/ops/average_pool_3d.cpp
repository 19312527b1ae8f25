// average_pool_3d: means of windows in three dimensions.
#include "ops/support/pool.hpp"

namespace qgraph::ops {
namespace {

// average_pool_3d_c1: positive filter, stride and dilation; c2: rank 5; c3: a window fits.
Result<Types> infer(const InferContext& c) { return infer_pool<Pool3d>(c, "average_pool_3d"); }

}  // namespace

extern constexpr OpDef average_pool_3d{
    .name = "average_pool_3d",
    .help = "The mean of each window; stored integers are averaged. TensorFlow Lite's custom AveragePool3D.",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Pool3d>(pool_3d_attributes),
    .infer = &infer,
    .reference = average_pool_kernels<Pool3d>};

}  // namespace qgraph::ops
