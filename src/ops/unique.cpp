// unique: the distinct elements of a vector in order of first appearance, and for each element which one it is.
#include <cstring>
#include <map>
#include <vector>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct Unique {
  DType idx_out_type = DType::int32;
};
constexpr std::array attributes{attr<&Unique::idx_out_type>("idx_out_type", "dtype of the indices: int32 or int64")};

Result<Types> infer(const InferContext& c) {
  const DType dtype = c.attributes<Unique>().idx_out_type;
  if (dtype != DType::int32 && dtype != DType::int64)
    return constraint("unique_c1", "indices cannot be " + std::string(name(dtype)), Cause::invalid_attribute);
  const Shape& in = c.shape(0);
  if (in.ranked() && in.rank() != 1) return constraint("unique_c2", "the input " + in.to_string() + " is no vector");
  auto values = moved_type(c, "unique_c3", 0, 0, Shape{Shape::dynamic}, false);
  if (!values) return std::move(values).error();
  return Types{*std::move(values), {dtype, in.ranked() ? in : Shape{Shape::dynamic}}};
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const View& in = args.inputs[0];
  const View* indices = args.outputs.size() > 1 && args.outputs[1] ? &args.outputs[1] : nullptr;
  std::map<T, std::int64_t> seen;
  std::vector<T> values;
  for (std::int64_t i = 0; i < in.elements(); ++i) {
    const T value = in.as<const T>()[i];
    const auto [entry, fresh] = seen.try_emplace(value, static_cast<std::int64_t>(values.size()));
    if (fresh) values.push_back(value);
    if (!indices) continue;
    if (indices->type->storage() == DType::int64)
      indices->as<std::int64_t>()[i] = entry->second;
    else
      indices->as<std::int32_t>()[i] = static_cast<std::int32_t>(entry->second);
  }
  TensorType type = *args.outputs[0].type;
  type.shape = Shape{static_cast<std::int64_t>(values.size())};
  std::byte* out = args.control->resize(0, type, values.size() * sizeof(T));
  if (out && !values.empty()) std::memcpy(out, values.data(), values.size() * sizeof(T));
}

constexpr std::array kernels{
    kernel(DType::float32, run<float>),       kernel(DType::uint8, run<std::uint8_t>), kernel(DType::quint8, run<std::uint8_t>),
    kernel(DType::int8, run<std::int8_t>),    kernel(DType::qint8, run<std::int8_t>),  kernel(DType::int16, run<std::int16_t>),
    kernel(DType::qint16, run<std::int16_t>), kernel(DType::int32, run<std::int32_t>), kernel(DType::int64, run<std::int64_t>),
};
}  // namespace

extern constexpr OpDef unique{
    .name = "unique",
    .help = "The distinct elements of a vector in order of first appearance, and for each element the index of its value.",
    .outputs = "values indices",
    .attributes = attribute_table<Unique>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops
