// The coordinates of all elements that are not zero.
#include <array>

#include "ops/op_def.hpp"
#include "ops/support/element.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const Shape& s = c.shape(0);
  return Types{
      TensorType(DType::int64, Shape{Shape::dynamic, s.ranked() ? static_cast<std::int64_t>(s.rank()) : Shape::dynamic})};
}

template <class T>
void run(const KernelArgs& a) noexcept {
  const T* in = a.in<T>(0);
  const Shape& shape = a.inputs[0].shape();
  const std::int64_t n = a.inputs[0].elements();
  const auto rank = static_cast<std::int64_t>(shape.rank());
  const auto holds = [](T x) {
    if constexpr (is_half<T>)
      return static_cast<float>(x) != 0.0F;
    else
      return x != T{};
  };
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < n; ++i) count += holds(in[i]);
  auto* out = reinterpret_cast<std::int64_t*>(a.control->resize(0, TensorType(DType::int64, Shape{count, rank}),
                                                                static_cast<std::size_t>(count * rank) * sizeof(std::int64_t)));
  if (out == nullptr) return;
  for (std::int64_t i = 0; i < n; ++i) {
    if (!holds(in[i])) continue;
    std::int64_t rest = i;
    for (std::int64_t d = rank; d-- > 0; rest /= shape[static_cast<std::size_t>(d)])
      out[d] = rest % shape[static_cast<std::size_t>(d)];
    out += rank;
  }
}

template <class... T>
constexpr std::array<KernelDef, sizeof...(T) + 1> rows() {
  return {kernel(DType::boolean, run<std::uint8_t>), kernel(dtype_of<T>, run<T>)...};
}
constexpr auto kernels =
    rows<float, std::int32_t, std::int64_t, std::int8_t, std::uint8_t, std::uint32_t, std::int16_t, std::uint16_t, std::uint64_t,
         double, Float16, BFloat16, std::complex<float>, std::complex<double>>();

}  // namespace

extern constexpr OpDef where{
    .name = "where",
    .help = "The coordinates of all elements that are true or not zero, in row-major order: [count, rank] int64.",
    .inputs = "condition",
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
