// l2_pool_2d: the root mean square of windows.
#include "ops/support/pool.hpp"

namespace qgraph::ops {
namespace {

// l2_pool_2d_c1: positive filter, stride and dilation; c2: rank 4; c3: a window fits.
Result<Types> infer(const InferContext& c) { return infer_pool<Pool2d>(c, "l2_pool_2d"); }

void run(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<PreparedPool>();
  run_pool<float, float>(
      args, 0.0F, [](float sum, float x) { return sum + x * x; },
      [&](float sum, std::int64_t n) {
        return n == 0 ? 0.0F : std::min(std::max(std::sqrt(sum / static_cast<float>(n)), p.low), p.high);
      });
}

constexpr std::array kernels{kernel(DType::float32, run, prepare_pool<Pool2d, float>)};

}  // namespace

extern constexpr OpDef l2_pool_2d{.name = "l2_pool_2d",
                                  .help = "The square root of the mean of squares of each window. TensorFlow Lite's L2_POOL_2D.",
                                  .exactness = Exactness::float_order,
                                  .attributes = attribute_table<Pool2d>(pool_2d_attributes),
                                  .infer = &infer,
                                  .reference = kernels};

}  // namespace qgraph::ops
