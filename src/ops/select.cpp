// Elements of one tensor or the other, as a condition says.
#include "ops/op_def.hpp"
#include "ops/support/binary.hpp"

namespace qgraph::ops {
namespace {

struct Select {
  bool leading_condition = false;
};
constexpr std::array attributes{attr<&Select::leading_condition>(
    "leading_condition", "a condition of rank 1 runs along the first axis of x and y, not the last (TensorFlow's Select)")};

/// The condition's shape as it broadcasts against a result of this rank.
Shape aligned(const Shape& condition, std::size_t rank, bool leading) {
  if (!leading || !condition.ranked() || condition.rank() != 1 || rank < 2) return condition;
  std::vector<std::int64_t> dims(rank, 1);
  dims[0] = condition[0];
  return Shape(std::move(dims));
}

Result<Types> infer(const InferContext& c) {
  const DType condition = c.input(0).dtype();
  if (condition != DType::boolean && condition != DType::unknown)
    return constraint("select_c1", "the condition is " + std::string(name(condition)) + ", not boolean",
                      Cause::unsupported_dtype);
  const TensorType &x = c.input(1), &y = c.input(2);
  if (x.storage() != y.storage() && x.storage() != DType::unknown && y.storage() != DType::unknown)
    return constraint("select_c2", "x is " + std::string(name(x.dtype())) + ", y is " + std::string(name(y.dtype())),
                      Cause::dtype_contradiction);
  const ElementType& element = x.storage() == DType::unknown || (y.quantized() && !x.quantized()) ? y.element : x.element;
  const auto values = broadcast(x.shape, y.shape);
  if (!values)
    return constraint("select_c3", "shapes " + x.shape.to_string() + " and " + y.shape.to_string() + " do not broadcast");
  if (!values->ranked()) return Types{c.output(0, element, *values)};
  const auto shape = broadcast(aligned(c.shape(0), values->rank(), c.attributes<Select>().leading_condition), *values);
  if (!shape)
    return constraint("select_c3",
                      "the condition's shape " + c.shape(0).to_string() + " does not broadcast to " + values->to_string());
  return Types{c.output(0, element, *shape)};
}

struct Bytes16 {
  std::uint64_t halves[2];
};

template <class T>
void run(const KernelArgs& a) noexcept {
  const auto* condition = a.in<std::uint8_t>(0);
  const T *x = a.in<T>(1), *y = a.in<T>(2);
  T* out = a.out<T>();
  walk(a.prepared_as<Broadcast<3>>(), [&](std::int64_t size, const auto& at, const auto& strides) {
    for (std::int64_t i = 0; i < size; ++i)
      out[i] = condition[at[0] + i * strides[0]] != 0 ? x[at[1] + i * strides[1]] : y[at[2] + i * strides[2]];
    out += size;
  });
}

template <int width>
Prepared prepare(PrepareContext& c) {
  if (bits(c.inputs[1].type->storage()) != width)
    return failure("QG4101", Cause::unsupported_dtype,
                   "there is no selection among elements of " + std::string(name(c.inputs[1].type->dtype())));
  const Shape& out = c.outputs[0].shape();
  const Shape condition = aligned(c.inputs[0].shape(), out.rank(), c.attributes<Select>().leading_condition);
  return prepared(c, make_broadcast<3>(out, {&condition, &c.inputs[1].shape(), &c.inputs[2].shape()}));
}

template <class T>
constexpr KernelDef row(DType dtype) {
  return kernel(dtype, run<T>, prepare<static_cast<int>(sizeof(T)) * 8>);
}
constexpr std::array kernels{
    row<std::uint32_t>(DType::float32), row<std::uint8_t>(DType::qint8),     row<std::uint8_t>(DType::quint8),
    row<std::uint16_t>(DType::qint16),  row<std::uint32_t>(DType::qint32),   row<std::uint32_t>(DType::int32),
    row<std::uint64_t>(DType::int64),   row<std::uint8_t>(DType::boolean),   row<std::uint8_t>(DType::int8),
    row<std::uint8_t>(DType::uint8),    row<std::uint16_t>(DType::int16),    row<std::uint16_t>(DType::uint16),
    row<std::uint16_t>(DType::float16), row<std::uint16_t>(DType::bfloat16), row<std::uint32_t>(DType::uint32),
    row<std::uint64_t>(DType::uint64),  row<std::uint64_t>(DType::float64),  row<std::uint64_t>(DType::complex64),
    row<Bytes16>(DType::complex128)};

}  // namespace

extern constexpr OpDef select{
    .name = "select",
    .help = "x where the condition is true, y elsewhere; all three broadcast. Stored values move unchanged.",
    .inputs = "condition x y",
    .attributes = attribute_table<Select>(attributes),
    .infer = &infer,
    .reference = kernels,
    .primary = 1,
    .secondary = 2,
    .moves_bytes = true};

}  // namespace qgraph::ops
