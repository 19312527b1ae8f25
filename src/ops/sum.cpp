// sum: the sum over axes.
#include "ops/support/reduce.hpp"

namespace qgraph::ops {
namespace {

// sum_c1: axes are int32 or int64 and inside the input's rank; c2: at most 16 axes.
Result<Types> infer(const InferContext& c) { return infer_reduce(c, "sum"); }

template <class T>
void run(const KernelArgs& args) noexcept {
  reduce_plain<T>(args, T{0}, [](T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
    else
      return a + b;
  });
}

// The reference reads int8 and int16 as uint8 here; these are sums of what is stored.
constexpr std::array kernels{
    kernel(DType::float32, run<float>),
    kernel(DType::float64, run<double>),
    kernel(DType::int32, run<std::int32_t>),
    kernel(DType::int64, run<std::int64_t>),
    kernel(DType::qint8, run_quantized_sum<std::int8_t, false>, prepare_reduce<std::int32_t>),
    kernel(DType::quint8, run_quantized_sum<std::uint8_t, false>, prepare_reduce<std::int32_t>),
    kernel(DType::qint16, run_quantized_sum<std::int16_t, false>, prepare_reduce<std::int32_t>),
};

}  // namespace

extern constexpr OpDef sum{.name = "sum",
                           .help = "The sum over axes; integers wrap. TensorFlow Lite's SUM, ONNX's ReduceSum.",
                           .inputs = "input axes?",
                           .exactness = Exactness::float_order,
                           .attributes = attribute_table<Reduce>(reduce_attributes),
                           .infer = &infer,
                           .reference = kernels};

}  // namespace qgraph::ops
