// embedding_lookup: TFLite's EMBEDDING_LOOKUP.
#include <Eigen/Core>
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/dequantize_values.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const TensorType &ids = c.input(0), &table = c.input(1);
  if (ids.shape.ranked() && ids.shape.rank() != 1)
    return constraint("embedding_lookup_c1", "ids must have rank 1, have " + ids.shape.to_string());
  if (table.shape.ranked() && table.shape.rank() < 1)
    return constraint("embedding_lookup_c2", "the table must have rank 1 or more");
  Shape shape = table.shape;
  if (shape.ranked()) shape[0] = ids.shape.ranked() ? ids.shape[0] : Shape::dynamic;
  const TensorType declared = c.declared();
  if (table.quantized() && (declared.dtype() == DType::float32 || declared.dtype() == DType::float16))
    return Types{{declared.element, shape}};
  return Types{c.output(0, table.element, shape)};
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const TensorType &table = *c.inputs[1].type, &output = *c.outputs[0].type;
  if (output.storage() == table.storage()) {
    if (bits(table.storage()) >= 8) return std::shared_ptr<const void>();
    return constraint("embedding_lookup_c3", "rows of " + std::string(name(table.dtype())) + " are only read as floats",
                      Cause::unsupported_dtype);
  }
  const Quantization* q = table.quantization();
  if (!q || static_cast<std::int64_t>(q->scales.size()) < scales_wanted(table) ||
      (q->zero_points.size() > 1 && q->zero_points.size() < q->scales.size()))
    return constraint("embedding_lookup_c4", "the table has fewer scales than its shape wants", Cause::invalid_quantization);
  return std::shared_ptr<const void>();
}

void run(const KernelArgs& args) noexcept {
  const View &ids = args.inputs[0], &table = args.inputs[1], &output = args.outputs[0];
  const std::int64_t count = table.dim(0), row = count == 0 ? 0 : table.elements() / count;
  const ScaleIndex scale(*table.type);
  const Quantization* q = table.type->quantization();
  const DType storage = table.type->storage();
  for (std::int64_t i = 0; i < ids.elements(); ++i) {
    const std::int64_t id = integer_at(ids.data, ids.type->storage(), i);
    if (id < 0 || id >= count) return args.control->fail("an id is outside of the table");
    if (output.type->storage() == storage) {
      const auto bytes = static_cast<std::size_t>(row * bits(storage) / 8);
      std::memcpy(output.data + static_cast<std::size_t>(i) * bytes, table.data + static_cast<std::size_t>(id) * bytes, bytes);
      continue;
    }
    for (std::int64_t k = 0; k < row; ++k) {
      const std::int64_t element = id * row + k;
      const std::size_t s = scale(element);
      const float real = static_cast<float>(integer_at(table.data, storage, element) - q->zero_point(s)) * q->scales[s];
      if (output.type->storage() == DType::float32)
        output.as<float>()[i * row + k] = real;
      else
        output.as<Eigen::half>()[i * row + k] = Eigen::half(real);
    }
  }
}

constexpr std::array kernels{kernel(DType::unknown, DType::int32, run, prepare),
                             kernel(DType::unknown, DType::int64, run, prepare)};

}  // namespace

extern constexpr OpDef embedding_lookup{.name = "embedding_lookup",
                                        .help =
                                            "Rows of a table by their numbers, as TensorFlow Lite's EMBEDDING_LOOKUP; rows of a "
                                            "quantized table may come out as floats.",
                                        .inputs = "ids table",
                                        .infer = &infer,
                                        .reference = kernels,
                                        .primary = 1,
                                        .secondary = 0};

}  // namespace qgraph::ops
