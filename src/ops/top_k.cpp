// top_k: the k largest elements of each row and where they stand; of equal ones the first. TensorFlow Lite's TOPK_V2,
// ONNX's TopK.
#include <algorithm>
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/support/element.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct TopK {
  std::int64_t axis = -1;
  bool largest = true;
};
constexpr std::array attributes{
    attr<&TopK::axis>("axis", "along which; negative: from the end"),
    attr<&TopK::largest>("largest", "false: the smallest"),
};

Result<Types> infer(const InferContext& c) {
  Shape shape = c.shape(0);
  const auto k = c.integers(1);
  if (k && (k->size() != 1 || (*k)[0] > 0x7FFF'FFFF)) return constraint("top_k_c1", "k is not one number");
  if (shape.ranked()) {
    const auto axis = normalize_axis(c.attributes<TopK>().axis, shape.rank());
    if (!axis) return constraint("top_k_c2", "the axis is outside of " + shape.to_string(), Cause::invalid_attribute);
    const std::int64_t wanted = k ? std::max<std::int64_t>((*k)[0], 0) : Shape::dynamic;
    if (shape[*axis] >= 0 && wanted > shape[*axis])
      return constraint("top_k_c3", "k is " + std::to_string(wanted) + " of " + std::to_string(shape[*axis]) + " elements",
                        Cause::data_out_of_range);
    shape[*axis] = wanted;
  }
  auto values = moved_type(c, "top_k_c4", 0, 0, shape, false);
  if (!values) return std::move(values).error();
  const DType declared = c.declared(1).storage();
  const bool known = declared == DType::int16 || declared == DType::int64;
  return Types{*std::move(values), {known ? declared : DType::int32, std::move(shape)}};
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const std::size_t axis = *normalize_axis(c.attributes<TopK>().axis, c.inputs[0].rank());
  const std::int64_t row = c.inputs[0].dim(axis);
  if (c.outputs[1] && c.outputs[1].type->storage() == DType::int16 && row > 0x7FFF)
    return constraint("top_k_c5", "rows of " + std::to_string(row) + " cannot be numbered in int16", Cause::unsupported_dtype);
  c.scratch_bytes = static_cast<std::size_t>(row) * sizeof(std::int32_t);
  return std::shared_ptr<const void>();
}

/// NaN stands behind every number.
template <class T>
bool before(T a, T b, bool largest) noexcept {
  if constexpr (std::is_floating_point_v<T>)
    if (std::isnan(a) != std::isnan(b)) return std::isnan(b);
  return largest ? a > b : a < b;
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const TopK& a = args.attributes<TopK>();
  const std::size_t axis = *normalize_axis(a.axis, in.rank());
  const std::int64_t outer = product(in.shape(), 0, axis), inner = product(in.shape(), axis + 1, in.rank());
  const std::int64_t row = in.dim(axis), k = out.dim(axis);
  auto* order = reinterpret_cast<std::int32_t*>(args.scratch);
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < inner; ++i) {
      const T* values = in.as<const T>() + o * row * inner + i;
      for (std::int64_t j = 0; j < row; ++j) order[j] = static_cast<std::int32_t>(j);
      std::partial_sort(order, order + k, order + row, [&](std::int32_t x, std::int32_t y) {
        const auto vx = static_cast<Computed<T>>(values[x * inner]), vy = static_cast<Computed<T>>(values[y * inner]);
        return before(vx, vy, a.largest) || (!before(vy, vx, a.largest) && x < y);
      });
      for (std::int64_t j = 0; j < k; ++j) {
        const std::int64_t to = (o * k + j) * inner + i;
        out.as<T>()[to] = values[order[j] * inner];
        if (args.outputs.size() < 2 || !args.outputs[1]) continue;
        const View& indices = args.outputs[1];
        switch (indices.type->storage()) {
          case DType::int16: indices.as<std::int16_t>()[to] = static_cast<std::int16_t>(order[j]); break;
          case DType::int64: indices.as<std::int64_t>()[to] = order[j]; break;
          default: indices.as<std::int32_t>()[to] = order[j];
        }
      }
    }
}

constexpr std::array kernels{
    kernel(DType::float32, run<float>, prepare),        kernel(DType::float64, run<double>, prepare),
    kernel(DType::uint8, run<std::uint8_t>, prepare),   kernel(DType::quint8, run<std::uint8_t>, prepare),
    kernel(DType::int8, run<std::int8_t>, prepare),     kernel(DType::qint8, run<std::int8_t>, prepare),
    kernel(DType::int16, run<std::int16_t>, prepare),   kernel(DType::qint16, run<std::int16_t>, prepare),
    kernel(DType::int32, run<std::int32_t>, prepare),   kernel(DType::int64, run<std::int64_t>, prepare),
    kernel(DType::uint16, run<std::uint16_t>, prepare), kernel(DType::uint32, run<std::uint32_t>, prepare),
    kernel(DType::uint64, run<std::uint64_t>, prepare), kernel(DType::float16, run<Float16>, prepare),
    kernel(DType::bfloat16, run<BFloat16>, prepare),
};
}  // namespace

extern constexpr OpDef top_k{
    .name = "top_k",
    .help = "The k largest elements of each row in falling order, and their indices. Of equal elements the first comes first.",
    .inputs = "input k",
    .outputs = "values indices",
    .attributes = attribute_table<TopK>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops
