// average_pool_2d: means of windows.
#include "ops/support/pool.hpp"

namespace qgraph::ops {
namespace {

// average_pool_2d_c1: positive filter, stride and dilation; c2: rank 4; c3: a window fits.
Result<Types> infer(const InferContext& c) { return infer_pool<Pool2d>(c, "average_pool_2d"); }

}  // namespace

extern constexpr OpDef average_pool_2d{
    .name = "average_pool_2d",
    .help = "The mean of each window; stored integers are averaged. TensorFlow Lite's AVERAGE_POOL_2D, ONNX's AveragePool.",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Pool2d>(pool_2d_attributes),
    .infer = &infer,
    .reference = average_pool_kernels<Pool2d>};

}  // namespace qgraph::ops
