// lp_pool: the p-norm of windows in up to three dimensions.
#include "ops/support/pool.hpp"

namespace qgraph::ops {
namespace {

struct LpPool : Pool3d {
  std::int64_t p = 2;
};
constexpr std::array attributes = [] {
  std::array<AttrDef, pool_3d_attributes.size() + 1> all{};
  std::ranges::copy(pool_3d_attributes, all.begin());
  all.back() = attr<&LpPool::p>("p", "the norm's exponent");
  return all;
}();

// lp_pool_c1: positive filter, stride and dilation; c2: rank 5; c3: a window fits; c4: p is positive.
Result<Types> infer(const InferContext& c) {
  if (c.attributes<LpPool>().p < 1) return constraint("lp_pool_c4", "p must be positive", Cause::invalid_attribute);
  return infer_pool<LpPool>(c, "lp_pool");
}

void run(const KernelArgs& args) noexcept {
  const auto p = static_cast<double>(args.attributes<LpPool>().p);
  run_pool<float, double>(
      args, 0.0, [p](double sum, float x) { return sum + std::pow(std::abs(static_cast<double>(x)), p); },
      [p](double sum, std::int64_t) { return static_cast<float>(std::pow(sum, 1.0 / p)); });
}

constexpr std::array kernels{kernel(DType::float32, run, prepare_pool<LpPool, double>)};

}  // namespace

extern constexpr OpDef lp_pool{.name = "lp_pool",
                               .help = "The p-norm of each window of [n,c,d,h,w]: (sum of |x|^p)^(1/p). ONNX's LpPool.",
                               .exactness = Exactness::float_order,
                               .attributes = attribute_table<LpPool>(attributes),
                               .infer = &infer,
                               .reference = kernels};

}  // namespace qgraph::ops
