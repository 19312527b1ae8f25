// Running sums along an axis.
#include <array>

#include "ops/op_def.hpp"
#include "ops/support/element.hpp"
#include "ops/support/unpack_sub_byte.hpp"

namespace qgraph::ops {
namespace {

struct CumSum {
  bool exclusive = false;
  bool reverse = false;
  bool product = false;
};
constexpr std::array attributes{attr<&CumSum::exclusive>("exclusive", "an element's sum leaves it out"),
                                attr<&CumSum::reverse>("reverse", "from the end of the axis"),
                                attr<&CumSum::product>("product", "running products, not sums")};

Result<Types> infer(const InferContext& c) {
  const DType axis = c.input(1).storage();
  if (axis != DType::unknown && axis != DType::int32 && axis != DType::int64)
    return constraint("cumsum_c1", "the axis is " + std::string(name(axis)), Cause::unsupported_dtype);
  const Shape& of_axis = c.shape(1);
  if (of_axis.is_static() && of_axis.elements() != 1)
    return constraint("cumsum_c2", "the axis has shape " + of_axis.to_string() + ", not one element");
  const auto axes = c.integers(1);
  if (axes && c.shape(0).ranked() && (axes->size() != 1 || !normalize_axis(axes->front(), c.shape(0).rank())))
    return constraint("cumsum_c3", "there is no such axis of " + c.shape(0).to_string(), Cause::invalid_attribute);
  return Types{c.output(0, c.input(0).element, c.shape(0))};
}

template <class T>
void run(const KernelArgs& a) noexcept {
  const Shape& shape = a.inputs[0].shape();
  const auto axis = normalize_axis(integer_at(a.inputs[1].data, a.inputs[1].type->storage(), 0), shape.rank());
  if (!axis) return a.control->fail("the axis is out of range");
  if (a.outputs[0].elements() == 0) return;
  const auto [exclusive, reverse, product] = a.attributes<CumSum>();
  std::int64_t outer = 1, inner = 1;
  const std::int64_t depth = shape[*axis];
  for (std::size_t d = 0; d < *axis; ++d) outer *= shape[d];
  for (std::size_t d = *axis + 1; d < shape.rank(); ++d) inner *= shape[d];
  const std::int64_t step = reverse ? -inner : inner;
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < inner; ++i) {
      std::int64_t at = (o * depth + (reverse ? depth - 1 : 0)) * inner + i;
      auto sum = static_cast<Computed<T>>(product ? 1 : 0);
      for (std::int64_t k = 0; k < depth; ++k, at += step) {
        const auto x = static_cast<Computed<T>>(a.in<T>(0)[at]);
        const Computed<T> before = sum;
        if constexpr (std::is_integral_v<T>)
          sum = product ? wrapping_multiply(sum, x) : wrapping_add(sum, x);
        else
          sum = product ? sum * x : sum + x;
        a.out<T>()[at] = T(exclusive ? before : sum);
      }
    }
}

constexpr std::array kernels{kernel(DType::float32, run<float>),        kernel(DType::int32, run<std::int32_t>),
                             kernel(DType::int64, run<std::int64_t>),   kernel(DType::float64, run<double>),
                             kernel(DType::float16, run<Float16>),      kernel(DType::bfloat16, run<BFloat16>),
                             kernel(DType::uint32, run<std::uint32_t>), kernel(DType::uint64, run<std::uint64_t>)};

}  // namespace

extern constexpr OpDef cumsum{
    .name = "cumsum",
    .help = "Running sums (or products) along an axis (a scalar operand, negative from the end), added in order.",
    .inputs = "input axis",
    .attributes = attribute_table<CumSum>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
