// layer_normalization: rows from an axis on, brought to mean 0 and variance 1, then scaled and shifted.
#include "ops/support/map_elements.hpp"
#include "ops/support/summation.hpp"

namespace qgraph::ops {
namespace {

struct LayerNormalization {
  std::int64_t axis = -1;
  float epsilon = 1e-5F;
  bool subtract_mean = true;
};
using A = LayerNormalization;
constexpr std::array attributes{
    attr<&A::axis>("axis", "the first of those that are normalized together; negative: from the end"),
    attr<&A::epsilon>("epsilon", "added to the variance"),
    attr<&A::subtract_mean>("subtract_mean", "false: only divided by the root of the mean square (RMSNormalization)")};

// layer_normalization_c1: axis is one of the input's; c2: scale and bias broadcast to the input.
Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<A>();
  const Shape& x = c.shape(0);
  Shape statistics = x;
  if (x.ranked()) {
    const auto axis = normalize_axis(a.axis, x.rank());
    if (!axis)
      return constraint("layer_normalization_c1", "axis " + std::to_string(a.axis) + " is outside of " + x.to_string(),
                        Cause::invalid_attribute);
    for (std::size_t i = *axis; i < x.rank(); ++i) statistics[i] = 1;
  }
  for (std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    if (!c.has(i) || !x.is_static() || !c.shape(i).is_static()) continue;
    const auto both = broadcast(x, c.shape(i));
    if (!both || *both != x)
      return constraint("layer_normalization_c2", c.shape(i).to_string() + " does not broadcast to " + x.to_string());
  }
  return Types{TensorType(DType::float32, x), TensorType(DType::float32, statistics), TensorType(DType::float32, statistics)};
}

struct Plan {
  std::int64_t rows = 1, depth = 1;
  bool aligned = true;  ///< scale and bias are one row
  Broadcast<2> scale{}, bias{};
};

Prepared prepare(PrepareContext& c) {
  const Shape& x = c.inputs[0].shape();
  const std::size_t axis = normalize_axis(c.attributes<A>().axis, x.rank()).value_or(0);
  Plan p;
  for (std::size_t i = 0; i < x.rank(); ++i) (i < axis ? p.rows : p.depth) *= x[i];
  const auto row = [&](std::size_t i) { return !c.has(i) || c.inputs[i].elements() == p.depth; };
  p.aligned = row(1) && row(2);
  if (c.has(1)) p.scale = make_broadcast<2>(x, {&x, &c.inputs[1].shape()});
  if (c.has(2)) p.bias = make_broadcast<2>(x, {&x, &c.inputs[2].shape()});
  return prepared(c, std::move(p));
}

/// Of what is left beside `centre`: in eight lanes, then the rest, each square fused with its sum, as ONNX Runtime adds them.
float sum_of_squares(const float* x, std::int64_t count, float centre) noexcept {
  const auto add = [&](float sum, std::int64_t i) { return fused(x[i] - centre, x[i] - centre, sum); };
  std::array<float, 8> lanes{};
  std::int64_t i = 0;
  for (; count - i >= 8; i += 8)
    for (std::size_t k = 0; k < 8; ++k) lanes[k] = add(lanes[k], i + static_cast<std::int64_t>(k));
  for (std::size_t width = 4; width > 0; width /= 2)
    for (std::size_t k = 0; k < width; ++k) lanes[k] += lanes[k + width];
  for (; i < count; ++i) lanes[0] = add(lanes[0], i);
  return lanes[0];
}

void run(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<Plan>();
  const auto& a = args.attributes<A>();
  const float* scale = args.has(1) ? args.in<float>(1) : nullptr;
  const float* bias = args.has(2) ? args.in<float>(2) : nullptr;
  for (std::int64_t r = 0; r < p.rows; ++r) {
    const float* in = args.in<float>(0) + r * p.depth;
    float* out = args.out<float>() + r * p.depth;
    double sum = 0;
    for (std::int64_t i = 0; i < p.depth; ++i) sum += static_cast<double>(in[i]);
    const double mean = a.subtract_mean && p.depth > 0 ? sum / static_cast<double>(p.depth) : 0.0;
    const auto centre = static_cast<float>(mean);
    const float variance = sum_of_squares(in, p.depth, centre) / static_cast<float>(std::max<std::int64_t>(p.depth, 1));
    const float inverse = 1.0F / std::sqrt(variance + a.epsilon);
    for (std::int64_t i = 0; i < p.depth; ++i) {
      out[i] = (in[i] - centre) * inverse;
      if (!p.aligned) continue;
      if (scale && bias)
        out[i] = fused(out[i], scale[i], bias[i]);  // as ONNX Runtime rounds
      else if (scale)
        out[i] *= scale[i];
      else if (bias)
        out[i] += bias[i];
    }
    args.out<float>(1)[r] = centre;
    args.out<float>(2)[r] = inverse;
  }
  if (p.aligned) return;
  float* out = args.out<float>();
  if (scale) apply(p.scale, out, scale, out, [](float x, float y) { return x * y; });
  if (bias) apply(p.bias, out, bias, out, [](float x, float y) { return x + y; });
}

constexpr std::array kernels{kernel(DType::float32, run, prepare)};

}  // namespace

extern constexpr OpDef layer_normalization{
    .name = "layer_normalization",
    .help =
        "All elements from an axis on are brought to mean 0 and variance 1, then scaled and shifted; also gives mean and inverse "
        "deviation. ONNX's LayerNormalization and RMSNormalization.",
    .inputs = "input scale? bias?",
    .outputs = "output mean inverse_deviation",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<A>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
