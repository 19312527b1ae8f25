// reduce_prod: the product over axes.
#include "ops/support/reduce.hpp"

namespace qgraph::ops {
namespace {

// reduce_prod_c1: axes are int32 or int64 and inside the input's rank; c2: at most 16 axes.
Result<Types> infer(const InferContext& c) { return infer_reduce(c, "reduce_prod"); }

template <class T>
void run(const KernelArgs& args) noexcept {
  reduce_plain<T>(args, T{1}, [](T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
    else
      return a * b;
  });
}

/// Each step is scaled by input scale / n-th root of output scale, so that the accumulator stays small.
template <class T>
void run_quantized(const KernelArgs& args) noexcept {
  const Reduction r(args);
  if (!r.valid()) return;
  const TensorType &from = *args.inputs[0].type, &to = *args.outputs[0].type;
  const T* in = args.in<T>(0);
  T* out = args.out<T>();
  auto* products = reinterpret_cast<std::int32_t*>(args.scratch);
  const auto in_zero = static_cast<std::int32_t>(from.zero_point()), out_zero = static_cast<std::int32_t>(to.zero_point());
  std::fill_n(out, r.outputs(), T{0});
  if (r.inputs() == 0) return;
  const double root = std::pow(static_cast<double>(to.scale()), 1.0 / static_cast<double>(static_cast<int>(r.reduced())));
  const Multiplier m = quantize_multiplier(static_cast<double>(from.scale()) / root);
  r.each([&](std::int64_t i, std::int64_t o, bool first) {
    const std::int32_t x = std::int32_t{in[i]} - in_zero;
    products[o] = first ? x : multiply(std::int64_t{products[o]} * x, m);
  });
  for (std::int64_t o = 0; o < r.outputs(); ++o)
    out[o] =
        static_cast<T>(std::clamp(fixed_point::add(multiply(std::int64_t{products[o]}, m), out_zero), lowest<T>(), highest<T>()));
}

constexpr std::array kernels{
    kernel(DType::float32, run<float>),
    kernel(DType::float64, run<double>),
    kernel(DType::int32, run<std::int32_t>),
    kernel(DType::int64, run<std::int64_t>),
    kernel(DType::int8, run<std::int8_t>),
    kernel(DType::uint8, run<std::uint8_t>),
    kernel(DType::int16, run<std::int16_t>),
    kernel(DType::qint8, run_quantized<std::int8_t>, prepare_reduce<std::int32_t>),
    kernel(DType::quint8, run_quantized<std::uint8_t>, prepare_reduce<std::int32_t>),
    kernel(DType::qint16, run_quantized<std::int16_t>, prepare_reduce<std::int32_t>),
};

}  // namespace

extern constexpr OpDef reduce_prod{.name = "reduce_prod",
                                   .help =
                                       "The product over axes; integers wrap, quantized ones are rescaled at every step. "
                                       "TensorFlow Lite's REDUCE_PROD, ONNX's ReduceProd.",
                                   .inputs = "input axes?",
                                   .exactness = Exactness::float_order,
                                   .attributes = attribute_table<Reduce>(reduce_attributes),
                                   .infer = &infer,
                                   .reference = kernels};

}  // namespace qgraph::ops
