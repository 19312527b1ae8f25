// Small steps of which the translations of ONNX ops are made.
#include "formats/onnx/translate_support.hpp"

#include "core/float16.hpp"
#include "graph/builder_impl.hpp"
#include "ops/support/small_float.hpp"

namespace qgraph::formats::onnx {

Report refuse(const SourceNode& n, Cause cause, std::string headline, std::string why) {
  Report report;
  report.diagnostics.push_back(n.problem(cause, std::move(headline), std::move(why)));
  return report;
}

std::optional<std::vector<double>> numbers(const Value& v) {
  const Buffer* data = v ? v.constant() : nullptr;
  if (!data) return std::nullopt;
  const DType dtype = v.type().storage();
  const auto n = v.type().shape.elements();
  const auto bytes = n ? byte_size(dtype, *n) : std::nullopt;
  if (!bytes || *bytes > data->bytes.size()) return std::nullopt;
  std::vector<double> out(static_cast<std::size_t>(*n));
  for (std::int64_t i = 0; i < *n; ++i) {
    const std::byte* from = data->bytes.data();
    out[static_cast<std::size_t>(i)] = dtype == DType::float64 ? load_as<double>(from, i)
                                       : is_float(dtype)       ? static_cast<double>(float_at(from, dtype, i))
                                                               : static_cast<double>(integer_at(from, dtype, i));
  }
  return out;
}

std::optional<std::vector<std::int64_t>> integers(const Value& v) {
  const Buffer* data = v ? v.constant() : nullptr;
  const DType dtype = v.type().storage();
  if (!data || !(is_integer(dtype) || dtype == DType::boolean)) return std::nullopt;
  const auto n = v.type().shape.elements();
  const auto bytes = n ? byte_size(dtype, *n) : std::nullopt;
  if (!bytes || *bytes > data->bytes.size()) return std::nullopt;
  std::vector<std::int64_t> out(static_cast<std::size_t>(*n));
  for (std::int64_t i = 0; i < *n; ++i) out[static_cast<std::size_t>(i)] = integer_at(data->bytes.data(), dtype, i);
  return out;
}

std::optional<std::size_t> rank_of(const Value& v) {
  if (!v || !v.type().shape.ranked()) return std::nullopt;
  return v.type().shape.rank();
}

namespace {

Value constant_of(GraphBuilder& g, DType dtype, Shape shape, const std::vector<double>& values) {
  std::vector<std::byte> bytes(byte_size(dtype, static_cast<std::int64_t>(values.size())).value_or(0));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const auto put = [&](auto x) { std::memcpy(bytes.data() + i * sizeof x, &x, sizeof x); };
    switch (dtype) {
      case DType::int64: put(static_cast<std::int64_t>(values[i])); break;
      case DType::int32: put(static_cast<std::int32_t>(values[i])); break;
      case DType::uint32: put(static_cast<std::uint32_t>(values[i])); break;
      case DType::uint64: put(static_cast<std::uint64_t>(values[i])); break;
      case DType::int16: put(static_cast<std::int16_t>(values[i])); break;
      case DType::uint16: put(static_cast<std::uint16_t>(values[i])); break;
      case DType::int8: put(static_cast<std::int8_t>(values[i])); break;
      case DType::uint8:
      case DType::boolean: put(static_cast<std::uint8_t>(values[i])); break;
      case DType::float64: put(values[i]); break;
      default: store_float(bytes.data(), dtype, at, static_cast<float>(values[i])); break;
    }
  }
  return g.constant(TensorType(dtype, std::move(shape)), Buffer::own(std::move(bytes)));
}

}  // namespace

Value constant(GraphBuilder& g, DType dtype, double value) { return constant_of(g, dtype, Shape{}, {value}); }
Value constant(GraphBuilder& g, DType dtype, const std::vector<double>& values) {
  return constant_of(g, dtype, Shape{static_cast<std::int64_t>(values.size())}, values);
}
Value constant(GraphBuilder& g, const std::vector<std::int64_t>& values) {
  return g.constant<std::int64_t>(DType::int64, Shape{static_cast<std::int64_t>(values.size())}, values);
}

Value cast(GraphBuilder& g, Value v, DType to) {
  if (!v || v.type().dtype() == to) return v;
  return g.add("cast", {v}, {{"to", std::string(name(to))}});
}
Value reshape(GraphBuilder& g, Value v, std::vector<std::int64_t> shape) {
  const auto n = Shape(shape).elements();
  if (const Buffer* data = v.constant();
      data && !v.quantized() && n && n == v.type().shape.elements() && (*n > 0 || shape.empty()))
    return g.constant(TensorType(v.type().element, Shape(std::move(shape))), *data);
  return g.add("reshape", {v}, {{"shape", std::move(shape)}, {"zero_copies", std::int64_t{1}}}, {v.type()});
}
Value transpose(GraphBuilder& g, Value v, std::vector<std::int64_t> perm) {
  return g.add("transpose", {v}, {{"perm", std::move(perm)}});
}

Value stored(GraphBuilder& g, Value v) {
  if (!v || !v.quantized()) return v;
  const TensorType plain(v.type().storage(), v.type().shape);
  if (const Buffer* data = v.constant()) return g.constant(plain, *data);
  return g.add("reinterpret", {v}, {{"plain", std::int64_t{1}}});
}

Value beneath(GraphBuilder& g, Value v) {
  if (!v) return v;
  const auto& impl = g.impl();
  const std::uint32_t maker = impl.producer[v.id().value];
  if (maker == Id<NodeTag>::none) return v;
  const Node& node = impl.nodes[maker];
  if (!node.op || node.op->name != "reinterpret" || !impl.tensors[node.inputs[0].value].type.quantized()) return v;
  return g.value(node.inputs[0]);
}

Value quantized_as(GraphBuilder& g, Value v, Quantization q) {
  const Value below = beneath(g, v);
  if (below.quantized() && *below.type().quantization() == q) return below;
  return g.quantized(stored(g, v), std::move(q));
}

Value weights_of(GraphBuilder& g, Value v) {
  if (!v || v.type().dtype() != DType::float32) return v;
  const auto& impl = g.impl();
  const std::uint32_t maker = impl.producer[v.id().value];
  if (maker == Id<NodeTag>::none) return v;
  const Node& node = impl.nodes[maker];
  if (!node.op || node.op->name != "dequantize" || node.inputs.size() != 1) return v;
  const GraphTensor& from = impl.tensors[node.inputs[0].value];
  // Not of every storage there are kernels.
  const DType d = from.type.storage();
  const bool known = d == DType::int32 || (bits(d) <= 16 && d != DType::uint2);
  return from.constant && from.type.quantized() && known ? g.value(node.inputs[0]) : v;
}

std::optional<Quantization> parameters(const Value& of, const Value& scale, const Value& zero_point, std::int64_t axis,
                                       std::int64_t block_size) {
  const auto scales = numbers(scale);
  if (!scales || (zero_point && !zero_point.constant())) return std::nullopt;
  Quantization q;
  for (double s : *scales) q.scales.push_back(static_cast<float>(s));
  if (zero_point) {
    const auto zeros = integers(zero_point);
    if (!zeros) return std::nullopt;
    q.zero_points = *zeros;
    bool all_zero = true;
    for (std::int64_t z : q.zero_points) all_zero = all_zero && z == 0;
    if (all_zero) q.zero_points.clear();
  }
  if (q.scales.size() > 1 || block_size > 0) {
    const auto rank = rank_of(of);
    if (axis < 0 && !rank) return std::nullopt;
    q.axis = static_cast<int>(axis < 0 ? axis + static_cast<std::int64_t>(*rank) : axis);
    q.block_size = block_size;
  }
  return q;
}

namespace {

/// The float32 value of which a cast that may be left out makes v.
std::optional<Value> before_narrowing(GraphBuilder& g, const Value& v, bool also_of_file) {
  const auto& impl = g.impl();
  const std::uint32_t maker = impl.producer[v.id().value];
  if (maker == Id<NodeTag>::none) return std::nullopt;
  const Node& node = impl.nodes[maker];
  const auto yes = [&](std::string_view key) {
    const auto value = node.op && node.op->name == "cast" ? node.attribute(key) : std::nullopt;
    const auto* number = value ? std::get_if<std::int64_t>(&*value) : nullptr;
    return number && *number != 0;
  };
  // A Cast of the file wraps integers, which those added here do not.
  const bool may =
      yes("elidable") && (also_of_file || !yes("wrap")) && impl.tensors[node.inputs[0].value].type.dtype() == DType::float32;
  return may ? std::optional(g.value(node.inputs[0])) : std::nullopt;
}

}  // namespace

Value widened(GraphBuilder& g, Value v) {
  if (!v || !narrow_float(v.type().dtype())) return v;
  if (const auto wide = before_narrowing(g, v, true)) return *wide;
  return cast(g, v, DType::float32);
}

Value wide_source(GraphBuilder& g, Value v) {
  if (!v || !narrow_float(v.type().dtype())) return v;
  return before_narrowing(g, v, false).value_or(v);
}

Value wide_to_move(GraphBuilder& g, Value v) {
  const Value wide = wide_source(g, v);
  if (!wide) return v;
  const auto& impl = g.impl();
  const std::uint32_t maker = impl.producer[wide.id().value];
  const bool moved = maker != Id<NodeTag>::none && impl.nodes[maker].op && impl.nodes[maker].op->moves_bytes;
  return moved ? v : wide;
}

Outputs narrowed(GraphBuilder& g, Value v, DType to) {
  if (!v || !is_float(to) || v.type().dtype() == to) return v;
  // ONNX Runtime has no bfloat16 on a CPU: there the definition counts, in which every op rounds.
  return g.add("cast", {v}, {{"to", std::string(name(to))}, {"elidable", std::int64_t{to != DType::bfloat16}}});
}

Value add_wide(GraphBuilder& g, std::string_view op, std::initializer_list<Value> inputs, Attributes attributes) {
  std::vector<Value> wide;
  for (const Value& v : inputs) wide.push_back(widened(g, v));
  while (!wide.empty() && !wide.back()) wide.pop_back();
  const DType dtype = inputs.size() > 0 && *inputs.begin() ? inputs.begin()->type().dtype() : DType::unknown;
  return narrowed(g, g.add(op, std::move(wide), std::move(attributes)), dtype);
}

}  // namespace qgraph::formats::onnx
