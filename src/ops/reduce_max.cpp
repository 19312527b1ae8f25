// reduce_max: the maximum over axes.
#include "ops/support/reduce.hpp"

namespace qgraph::ops {
namespace {

// reduce_max_c1: axes are int32 or int64 and inside the input's rank; c2: at most 16 axes.
Result<Types> infer(const InferContext& c) { return infer_reduce(c, "reduce_max"); }

template <class T>
T choose(T a, T b) noexcept {
  return b > a ? b : a;
}

struct Extreme : Reduce {
  bool infinite = false;
};
constexpr std::array attributes{
    attr<&Reduce::keep_dims>("keep_dims", "reduced axes stay, with size 1"),
    attr<&Extreme::infinite>("infinite", "nothing, and floats that are all infinite, give infinity (ONNX), not the outermost finite number"),
};

template <class T>
void run(const KernelArgs& args) noexcept {
  if constexpr (std::is_floating_point_v<T>)
    if (args.attributes<Extreme>().infinite) return reduce_plain<T>(args, -std::numeric_limits<T>::infinity(), choose<T>);
  reduce_plain<T>(args, std::numeric_limits<T>::lowest(), choose<T>);
}

template <class T>
void run_quantized(const KernelArgs& args) noexcept {
  reduce_stored<T>(args, std::numeric_limits<T>::lowest(), choose<T>);
}

constexpr std::array kernels{
    kernel(DType::float32, run<float>),
    kernel(DType::float64, run<double>),
    kernel(DType::int32, run<std::int32_t>),
    kernel(DType::int64, run<std::int64_t>),
    kernel(DType::int8, run<std::int8_t>),
    kernel(DType::uint8, run<std::uint8_t>),
    kernel(DType::int16, run<std::int16_t>),
    kernel(DType::qint8, run_quantized<std::int8_t>, prepare_reduce<std::int8_t>),
    kernel(DType::quint8, run_quantized<std::uint8_t>, prepare_reduce<std::int8_t>),
    kernel(DType::qint16, run_quantized<std::int16_t>, prepare_reduce<std::int8_t>),
    kernel(DType::qint32, run_quantized<std::int32_t>, prepare_reduce<std::int8_t>),
};

}  // namespace

extern constexpr OpDef reduce_max{.name = "reduce_max",
                                  .help = "The maximum over axes. TensorFlow Lite's REDUCE_MAX, ONNX's ReduceMax.",
                                  .inputs = "input axes?",
                                  .exactness = Exactness::bit_exact,
                                  .attributes = attribute_table<Extreme>(attributes),
                                  .infer = &infer,
                                  .reference = kernels};

}  // namespace qgraph::ops
