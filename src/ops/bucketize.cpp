// How many boundaries each value has reached.
#include <algorithm>
#include <array>
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/support/element.hpp"

namespace qgraph::ops {
namespace {

struct Bucketize {
  std::vector<float> boundaries{};
};
constexpr std::array attributes{attr<&Bucketize::boundaries>("boundaries", "ascending")};

Result<Types> infer(const InferContext& c) {
  const auto& boundaries = c.attributes<Bucketize>().boundaries;
  if (!std::ranges::is_sorted(boundaries))
    return constraint("bucketize_c1", "the boundaries do not ascend", Cause::invalid_attribute);
  return Types{TensorType(DType::int32, c.shape(0))};
}

template <class T>
void run(const KernelArgs& a) noexcept {
  const auto& boundaries = a.attributes<Bucketize>().boundaries;
  const T* in = a.in<T>(0);
  auto* out = a.out<std::int32_t>();
  const auto below = [](T value, float boundary) {
    if constexpr (std::is_same_v<T, double>)
      return value < static_cast<double>(boundary);
    else
      return static_cast<float>(value) < boundary;
  };
  for (std::int64_t i = 0, n = a.outputs[0].elements(); i < n; ++i)
    out[i] = static_cast<std::int32_t>(std::upper_bound(boundaries.begin(), boundaries.end(), in[i], below) - boundaries.begin());
}

constexpr std::array kernels{kernel(DType::float32, run<float>), kernel(DType::int32, run<std::int32_t>),
                             kernel(DType::int64, run<std::int64_t>), kernel(DType::float64, run<double>)};

}  // namespace

extern constexpr OpDef bucketize{.name = "bucketize",
                                 .help = "The number of boundaries that are not above each value.",
                                 .attributes = attribute_table<Bucketize>(attributes),
                                 .infer = &infer,
                                 .reference = kernels};

}  // namespace qgraph::ops
