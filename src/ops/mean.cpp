// mean: the mean over axes.
#include "ops/support/reduce.hpp"

namespace qgraph::ops {
namespace {

// mean_c1: axes are int32 or int64 and inside the input's rank; c2: at most 16 axes.
Result<Types> infer(const InferContext& c) { return infer_reduce(c, "mean"); }

/// T elements summed as Acc.
template <class T, class Acc>
void run(const KernelArgs& args) noexcept {
  const Reduction r(args);
  if (!r.valid()) return;
  const T* in = args.in<T>(0);
  T* out = args.out<T>();
  auto* sums = reinterpret_cast<Acc*>(args.scratch);
  std::fill_n(sums, r.outputs(), Acc{0});
  // The mean of nothing is not a number; integers make it 0.
  std::fill_n(out, r.outputs(), r.inputs() == 0 ? std::numeric_limits<T>::quiet_NaN() : T{0});
  if (r.inputs() == 0) return;
  r.each([&](std::int64_t i, std::int64_t o, bool) {
    if constexpr (std::is_integral_v<Acc>)
      sums[o] = static_cast<Acc>(static_cast<std::uint64_t>(sums[o]) + static_cast<std::uint64_t>(in[i]));
    else
      sums[o] += in[i];
  });
  for (std::int64_t o = 0; o < r.outputs(); ++o) out[o] = static_cast<T>(sums[o] / static_cast<Acc>(r.reduced()));
}

constexpr std::array kernels{
    kernel(DType::float32, run<float, float>, prepare_reduce<float>),
    kernel(DType::float64, run<double, double>, prepare_reduce<double>),
    kernel(DType::int32, run<std::int32_t, std::int64_t>, prepare_reduce<std::int64_t>),
    kernel(DType::int64, run<std::int64_t, std::int64_t>, prepare_reduce<std::int64_t>),
    kernel(DType::qint8, run_quantized_sum<std::int8_t, true>, prepare_reduce<std::int32_t>),
    kernel(DType::quint8, run_quantized_sum<std::uint8_t, true>, prepare_reduce<std::int32_t>),
    kernel(DType::qint16, run_quantized_sum<std::int16_t, true>, prepare_reduce<std::int32_t>),
};

}  // namespace

extern constexpr OpDef mean{
    .name = "mean",
    .help = "The mean over axes; of integers rounded towards zero. TensorFlow Lite's MEAN, ONNX's ReduceMean.",
    .inputs = "input axes?",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Reduce>(reduce_attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
