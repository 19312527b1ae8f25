// The sum of any number of tensors of one shape.
#include <algorithm>

#include "ops/op_def.hpp"
#include "ops/support/element.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  if (c.input_count() == 0) return constraint("add_n_c1", "there is nothing to add", Cause::missing_attribute);
  Shape shape = c.shape(0);
  for (std::size_t i = 1; i < c.input_count(); ++i) {
    if (c.input(i).dtype() != c.input(0).dtype() && c.input(i).dtype() != DType::unknown && c.input(0).dtype() != DType::unknown)
      return constraint("add_n_c2", "operands are " + c.input(0).to_string() + " and " + c.input(i).to_string(),
                        Cause::dtype_contradiction);
    const Shape& other = c.shape(i);
    if (!other.ranked()) continue;
    if (!shape.ranked()) shape = other;
    bool same = shape.rank() == other.rank();
    for (std::size_t d = 0; same && d < shape.rank(); ++d) {
      same = shape[d] == other[d] || shape[d] == Shape::dynamic || other[d] == Shape::dynamic;
      if (shape[d] == Shape::dynamic) shape[d] = other[d];
    }
    if (!same) return constraint("add_n_c3", "shapes " + c.shape(0).to_string() + " and " + other.to_string() + " differ");
  }
  return Types{c.output(0, c.input(0).element, std::move(shape))};
}

template <class T>
void run(const KernelArgs& a) noexcept {
  const std::int64_t n = a.outputs[0].elements();
  T* out = a.out<T>();
  std::copy_n(a.in<T>(0), n, out);
  for (std::size_t k = 1; k < a.inputs.size(); ++k) {
    const T* in = a.in<T>(k);
    for (std::int64_t i = 0; i < n; ++i) {
      if constexpr (std::is_integral_v<T>)
        out[i] = wrapping_add(out[i], in[i]);
      else
        out[i] = T(static_cast<Computed<T>>(out[i]) + static_cast<Computed<T>>(in[i]));
    }
  }
}

constexpr std::array kernels{kernel(DType::float32, run<float>),      kernel(DType::int32, run<std::int32_t>),
                             kernel(DType::int64, run<std::int64_t>), kernel(DType::float16, run<Float16>),
                             kernel(DType::bfloat16, run<BFloat16>),  kernel(DType::float64, run<double>)};

}  // namespace

extern constexpr OpDef add_n{.name = "add_n",
                             .help = "The sum of all inputs, which have one shape and type, added in order.",
                             .inputs = "inputs*",
                             .infer = &infer,
                             .reference = kernels};

}  // namespace qgraph::ops
