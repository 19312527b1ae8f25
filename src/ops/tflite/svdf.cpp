// tflite.svdf: a dense layer over the last steps of a sequence, of low rank: features first, then their weights in time.
#include <cstring>

#include "ops/requantize.hpp"
#include "ops/support/binary.hpp"
#include "ops/support/rnn.hpp"

namespace qgraph::ops::tflite {
namespace {

struct Svdf {
  std::int64_t rank = 1;
  Activation activation = Activation::none;
  bool asymmetric_quantize_inputs = false;
};
constexpr std::array attributes{attr<&Svdf::rank>("rank", "filters per unit"),
                                attr<&Svdf::activation>("activation", "of the result"),
                                attr<&Svdf::asymmetric_quantize_inputs>("asymmetric_quantize_inputs", "of the hybrid kernel")};
enum : std::size_t { input, weights_feature, weights_time, bias, state };

// tflite.svdf_c1: input [batch, size], weights_feature [filters, size], weights_time [filters, memory], bias [filters / rank],
// state [batch, memory * filters]; c2: rank divides filters; c3: all float; or float with int8 weights; or int8 with state and
// weights_time both int16, or both int8 (as TensorFlow Lite Micro runs it).
Result<Types> infer(const InferContext& c) {
  const std::int64_t rank = c.attributes<Svdf>().rank;
  for (std::size_t i : {input, weights_feature, weights_time, state}) {
    if (!c.shape(i).ranked()) return Types{c.output(0, c.input(0).element, Shape{-1, -1})};
    if (c.shape(i).rank() != 2) return constraint("tflite.svdf_c1", "operands must have two axes");
  }
  const Shape &in = c.shape(input), &feature = c.shape(weights_feature), &time = c.shape(weights_time), &memory = c.shape(state);
  if (!feature.is_static() || !time.is_static() || !memory.is_static())
    return constraint("tflite.svdf_c1", "weights have no size");
  if (rank < 1 || feature[0] % rank != 0)
    return constraint("tflite.svdf_c2", "rank does not divide the filters", Cause::invalid_attribute);
  const auto wanted = Shape{time[0], time[1]}.elements();
  const bool fits = (in[1] < 0 || in[1] == feature[1]) && time[0] == feature[0] && wanted && memory[1] == *wanted &&
                    time[1] > 0 && (in[0] < 0 || memory[0] == in[0]) &&
                    (!c.has(bias) || c.shape(bias) == Shape{feature[0] / rank});
  if (!fits) return constraint("tflite.svdf_c1", "the operands' shapes do not fit");
  const DType f = c.input(weights_feature).dtype(), t = c.input(weights_time).dtype(), s = c.input(state).dtype();
  const DType b = c.has(bias) ? c.input(bias).storage() : DType::unknown;
  bool known = false;
  if (c.input(input).dtype() == DType::float32)
    known = f == t && (f == DType::float32 || f == DType::qint8) && s == DType::float32 &&
            (b == DType::unknown || b == DType::float32);
  else if (c.input(input).dtype() == DType::qint8)
    known =
        f == DType::qint8 && t == s && (s == DType::qint16 || s == DType::qint8) && (b == DType::unknown || b == DType::int32);
  if (!known) return constraint("tflite.svdf_c3", "no kernel takes these dtypes together", Cause::unsupported_dtype);
  return Types{c.output(0, c.input(0).element, Shape{in[0], feature[0] / rank})};
}

struct Sizes {
  std::int64_t batch, size, filters, memory, rank, units;
  explicit Sizes(const KernelArgs& args) noexcept
      : batch(args.inputs[input].dim(0)),
        size(args.inputs[input].dim(1)),
        filters(args.inputs[weights_feature].dim(0)),
        memory(args.inputs[weights_time].dim(1)),
        rank(args.attributes<Svdf>().rank),
        units(filters / rank) {}
};

/// Forgets the oldest step: each filter's row moves by one, its last place is then written.
template <class T>
T* shifted_state(const KernelArgs& args) noexcept {
  T* values = args.inputs[state].as<T>();
  if (const std::int64_t n = args.inputs[state].elements(); n > 1)
    std::memmove(values, values + 1, static_cast<std::size_t>(n - 1) * sizeof(T));
  return values;
}

Result<std::shared_ptr<const void>> prepare_float(PrepareContext& c) {
  c.scratch_bytes = static_cast<std::size_t>(c.inputs[weights_feature].dim(0)) * sizeof(float) +
                    static_cast<std::size_t>(c.inputs[input].dim(1));
  if (c.inputs[weights_feature].type->quantized()) {
    for (std::size_t i : {weights_feature, weights_time})
      if (!c.inputs[i].type->quantization()->per_tensor())
        return failure("QG2104", Cause::invalid_quantization, "hybrid weights need one scale");
  }
  return std::shared_ptr<const void>(std::make_shared<DotPlan>());
}

/// Float, or hybrid: features by quantized inputs, time by dequantized weights.
void run_float(const KernelArgs& args) noexcept {
  const Sizes n(args);
  const auto& a = args.attributes<Svdf>();
  float* values = shifted_state<float>(args);
  auto* features = reinterpret_cast<float*>(args.scratch);
  auto* stored = reinterpret_cast<std::int8_t*>(features + n.filters);
  const View& time = args.inputs[weights_time];
  for (std::int64_t b = 0; b < n.batch; ++b) {
    std::fill_n(features, n.filters, 0.0F);
    multiply_accumulate(args.inputs[weights_feature], args.in<float>(input) + b * n.size, a.asymmetric_quantize_inputs, stored,
                        features, args.prepared_as<DotPlan>().dot);
    float* rows = values + b * n.filters * n.memory;
    for (std::int64_t f = 0; f < n.filters; ++f) rows[f * n.memory + n.memory - 1] = features[f];
    float* out = args.out<float>() + b * n.units;
    for (std::int64_t u = 0; u < n.units; ++u) {
      float total = 0.0F;
      for (std::int64_t f = u * n.rank; f < (u + 1) * n.rank; ++f) {
        float sum = 0.0F;
        for (std::int64_t m = 0; m < n.memory; ++m) {
          const std::int64_t i = f * n.memory + m;
          const float w =
              time.type->quantized() ? static_cast<float>(time.as<std::int8_t>()[i]) * time.type->scale() : time.as<float>()[i];
          sum += w * rows[i];
        }
        total += sum;
      }
      if (args.has(bias)) total += args.in<float>(bias)[u];
      out[u] = activate(total, a.activation);
    }
  }
}

struct Scales {
  DotPlan products{};
  Multiplier feature{}, time{};
};

Result<std::shared_ptr<const void>> prepare_integer(PrepareContext& c) {
  if (const Status s = check_scales(c, 3); !s) return s.error();
  const auto scale = [&](std::size_t i) { return c.inputs[i].type->scale(); };
  if (!(scale(state) > 0)) return failure("QG2104", Cause::invalid_quantization, "the state needs a scale");
  Scales p;
  p.feature = quantize_multiplier(static_cast<double>(scale(input) * scale(weights_feature) / scale(state)));
  p.time = quantize_multiplier(static_cast<double>(scale(state) * scale(weights_time) / c.outputs[0].type->scale()));
  return prepared(c, p);
}

/// T: of state and weights_time. The activation is the saturation of the output, whatever is said.
template <class T>
void run_integer(const KernelArgs& args) noexcept {
  const Sizes n(args);
  const auto& p = args.prepared_as<Scales>();
  const auto in_zero = static_cast<std::int32_t>(args.inputs[input].type->zero_point());
  const auto state_zero = static_cast<std::int32_t>(args.inputs[state].type->zero_point());
  const auto out_zero = static_cast<std::int32_t>(args.outputs[0].type->zero_point());
  const auto* feature = args.in<std::int8_t>(weights_feature);
  const T* time = args.in<T>(weights_time);
  T* values = shifted_state<T>(args);
  for (std::int64_t b = 0; b < n.batch; ++b) {
    const std::int8_t* x = args.in<std::int8_t>(input) + b * n.size;
    T* rows = values + b * n.filters * n.memory;
    each_dot(p.products.dot, feature, x, n.filters, n.size, [&](std::int64_t f, std::int32_t sum, std::int32_t total) noexcept {
      rows[f * n.memory + n.memory - 1] =
          static_cast<T>(state_zero + std::clamp(multiply(sum - total * in_zero, p.feature), lowest<T>(), highest<T>()));
    });
    for (std::int64_t u = 0; u < n.units; ++u) {
      std::uint32_t total = args.has(bias) ? static_cast<std::uint32_t>(args.in<std::int32_t>(bias)[u]) : 0;
      for (std::int64_t i = u * n.rank * n.memory; i < (u + 1) * n.rank * n.memory; ++i)
        total += static_cast<std::uint32_t>(time[i] * (rows[i] - state_zero));
      const std::int64_t q = std::int64_t{multiply(static_cast<std::int32_t>(total), p.time)} + out_zero;
      args.out<std::int8_t>()[b * n.units + u] = static_cast<std::int8_t>(std::clamp<std::int64_t>(q, -128, 127));
    }
  }
}

constexpr std::array kernels{
    kernel(DType::float32, run_float, prepare_float),
    kernel(DType::qint8, DType::qint16, run_integer<std::int16_t>, prepare_integer),
    kernel(DType::qint8, DType::qint8, run_integer<std::int8_t>, prepare_integer),
};

}  // namespace

extern constexpr OpDef svdf{.name = "tflite.svdf",
                            .help =
                                "Features of the newest step join a state of the last ones, which weights in time reduce. "
                                "TensorFlow Lite's SVDF: float, hybrid, "
                                "int8 with a state of int16 or (TensorFlow Lite Micro) int8.",
                            .inputs = "input weights_feature weights_time bias? state",
                            .exactness = Exactness::float_order,
                            .attributes = attribute_table<Svdf>(attributes),
                            .infer = &infer,
                            .reference = kernels,
                            .secondary = 2,
                            .stateful = true};

}  // namespace qgraph::ops::tflite
