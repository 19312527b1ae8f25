// group_normalization: groups of channels, brought to mean 0 and variance 1, then scaled and shifted.
#include "ops/support/map_elements.hpp"

namespace qgraph::ops {
namespace {

struct GroupNormalization {
  std::int64_t groups = 0;
  float epsilon = 1e-5F;
};
using A = GroupNormalization;
constexpr std::array attributes{attr<&A::groups>("groups", "of channels; 0: each channel is one (InstanceNormalization)"),
                                attr<&A::epsilon>("epsilon", "added to the variance")};

// group_normalization_c1: rank 2 or more; c2: groups divide the channels; c3: scale and bias are one per channel or per group.
Result<Types> infer(const InferContext& c) {
  const Shape& x = c.shape(0);
  const std::int64_t groups = c.attributes<A>().groups;
  if (x.ranked() && x.rank() < 2) return constraint("group_normalization_c1", "the input " + x.to_string() + " has no channels");
  const std::int64_t channels = x.ranked() ? x[1] : -1;
  if (groups < 0 || (groups > 0 && channels >= 0 && channels % groups != 0))
    return constraint("group_normalization_c2",
                      std::to_string(channels) + " channels do not make " + std::to_string(groups) + " groups",
                      Cause::invalid_attribute);
  for (std::size_t i : {std::size_t{1}, std::size_t{2}})
    if (const auto n = c.has(i) ? c.shape(i).elements() : std::nullopt; n && channels >= 0 && *n != channels && *n != groups)
      return constraint("group_normalization_c3",
                        "scale and bias have " + std::to_string(*n) + " elements for " + std::to_string(channels) + " channels");
  return Types{TensorType(DType::float32, x)};
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<A>();
  const Shape& shape = args.inputs[0].shape();
  const std::int64_t channels = shape[1], groups = a.groups == 0 ? channels : a.groups;
  std::int64_t inner = 1;
  for (std::size_t i = 2; i < shape.rank(); ++i) inner *= shape[i];
  const std::int64_t depth = groups == 0 ? 0 : channels / groups * inner;
  const auto parameter = [&](std::size_t operand, std::int64_t channel, std::int64_t group) {
    return args.in<float>(operand)[args.inputs[operand].elements() == channels ? channel : group];
  };
  for (std::int64_t r = 0; r < shape[0] * groups; ++r) {
    const float* in = args.in<float>(0) + r * depth;
    float* out = args.out<float>() + r * depth;
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i < depth; ++i) sum += static_cast<double>(in[i]);
    const double mean = sum / static_cast<double>(depth);
    for (std::int64_t i = 0; i < depth; ++i) squares += (static_cast<double>(in[i]) - mean) * (static_cast<double>(in[i]) - mean);
    const auto inverse =
        static_cast<float>(1.0 / std::sqrt(squares / static_cast<double>(depth) + static_cast<double>(a.epsilon)));
    for (std::int64_t i = 0; i < depth; ++i) {
      const std::int64_t group = r % groups, channel = group * (channels / groups) + i / inner;
      out[i] = (in[i] - static_cast<float>(mean)) * inverse;
      if (args.has(1)) out[i] *= parameter(1, channel, group);
      if (args.has(2)) out[i] += parameter(2, channel, group);
    }
  }
}

constexpr std::array kernels{kernel(DType::float32, run)};

}  // namespace

extern constexpr OpDef group_normalization{.name = "group_normalization",
                                           .help =
                                               "Groups of channels [n,c,...] are brought to mean 0 and variance 1, then scaled "
                                               "and shifted. ONNX's GroupNormalization and "
                                               "InstanceNormalization.",
                                           .inputs = "input scale? bias?",
                                           .exactness = Exactness::float_order,
                                           .attributes = attribute_table<A>(attributes),
                                           .infer = &infer,
                                           .reference = kernels};

}  // namespace qgraph::ops
