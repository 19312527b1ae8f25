// log_softmax: the logarithm of softmax.
#include "ops/support/rows.hpp"
#include "ops/support/softmax_scaling.hpp"

namespace qgraph::ops {
namespace {

struct LogSoftmax {
  std::int64_t axis = -1;
};
constexpr std::array attributes{attr<&LogSoftmax::axis>("axis", "from the end where negative")};

// log_softmax_c1: axis is one of the input's.
Result<Types> infer(const InferContext& c) { return infer_along_axis<LogSoftmax>(c, "log_softmax_c1"); }

void run_float(const KernelArgs& args) noexcept {
  const float* in = args.in<float>(0);
  float* out = args.out<float>();
  const Rows rows(args.inputs[0].shape(), args.attributes<LogSoftmax>().axis);
  rows.each([&](std::int64_t first) {
    const auto at = [&](std::int64_t c) { return first + c * rows.inner; };
    float most = std::numeric_limits<float>::lowest(), sum = 0.0F;
    for (std::int64_t c = 0; c < rows.depth; ++c) most = std::max(most, in[at(c)]);
    for (std::int64_t c = 0; c < rows.depth; ++c) sum += std::exp(in[at(c)] - most);
    const float log_sum = std::log(sum);
    for (std::int64_t c = 0; c < rows.depth; ++c) out[at(c)] = in[at(c)] - most - log_sum;
  });
}

struct Parameters {
  SoftmaxScaling scaling{};
  Multiplier reverse{};  ///< from five integer bits back to input steps
};

template <class T>
Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  if (const Status s = check_scales(c, 1); !s) return s.error();
  const TensorType& out = *c.outputs[0].type;
  if (out.scale() != 16.0F / 256 || out.zero_point() != highest<T>())
    return unsupported("log_softmax of 8 bits needs an output scale of 1/16 and the highest zero point",
                       Cause::invalid_quantization);
  Parameters p;
  p.scaling = SoftmaxScaling(1.0, static_cast<double>(c.inputs[0].type->scale()));
  const Multiplier m = p.scaling.multiplier;
  if (m.value != 0) p.reverse = quantize_multiplier(std::ldexp(1.0, 31 - m.shift) / m.value);
  return prepared(c, p);
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<Parameters>();
  const T* in = args.in<T>(0);
  T* out = args.out<T>();
  const Rows rows(args.inputs[0].shape(), args.attributes<LogSoftmax>().axis);
  rows.each([&](std::int64_t first) {
    const auto at = [&](std::int64_t c) { return first + c * rows.inner; };
    T most = std::numeric_limits<T>::min();
    for (std::int64_t c = 0; c < rows.depth; ++c) most = std::max(most, in[at(c)]);
    std::int32_t sum = 0;
    for (std::int64_t c = 0; c < rows.depth; ++c)
      if (const int d = in[at(c)] - most; d >= p.scaling.least_difference)
        sum = fixed_point::add(sum, fixed_point::rescale(p.scaling.exp(d), 0, SoftmaxScaling::sum_bits));
    const std::int32_t log_sum = fixed_point::log_of(sum);
    // What is left of the range below zero once log_sum is subtracted, in input steps.
    const std::int32_t room = multiply(fixed_point::add(log_sum, lowest<std::int32_t>()), p.reverse);
    const std::int32_t least = std::max(p.scaling.least_difference - 1, room);
    for (std::int64_t c = 0; c < rows.depth; ++c) {
      const int d = in[at(c)] - most;
      std::int32_t q = lowest<T>();
      if (d > least) q = rounding_shift_right(fixed_point::subtract(p.scaling.scaled(d), log_sum), 31 - 5 - 4) + highest<T>();
      out[at(c)] = static_cast<T>(std::clamp(q, lowest<T>(), highest<T>()));
    }
  });
}

constexpr std::array kernels{
    kernel(DType::float32, run_float),
    kernel(DType::qint8, run<std::int8_t>, prepare<std::int8_t>),
    kernel(DType::quint8, run<std::uint8_t>, prepare<std::uint8_t>),
};

}  // namespace

extern constexpr OpDef log_softmax{
    .name = "log_softmax",
    .help = "x - log(sum(exp(x))) along an axis; quantized in fixed point. TensorFlow Lite's LOG_SOFTMAX, ONNX's LogSoftmax.",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<LogSoftmax>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
