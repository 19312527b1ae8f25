// Initializers and Constant nodes as data of tensors.
#include <algorithm>

#include "core/checked_math.hpp"
#include "formats/onnx/attributes.hpp"
#include "formats/onnx/reading.hpp"
#include "formats/onnx/schema.hpp"
#include "formats/onnx/tensor_types.hpp"

namespace qgraph::formats::onnx {
namespace {

using source::Encoding;
using source::TensorRef;

std::int64_t store(Reading& r, StoredTensor stored) {
  r.state.tensors.push_back(stored);
  return static_cast<std::int64_t>(r.state.tensors.size() - 1);
}

void set_type(Reading& r, source::SourceTensor& t, std::int64_t data_type, std::vector<std::int64_t> dims) {
  t.declared = true;
  t.dtype = dtype_of(data_type);
  t.unknown_dtype = t.dtype == DType::unknown ? r.model.keep(fmt::format("{}", data_type)) : std::string_view{};
  t.shape = Shape(std::move(dims));
}

/// A Constant's value that is no tensor: a number, a text, or a list of them.
std::optional<Tensor> plain_value(const AttributeValue& value, std::string_view name) {
  const auto list = [&]<class T>(DType dtype, std::span<const T> values, bool scalar) {
    return Tensor(dtype, scalar ? Shape{} : Shape{static_cast<std::int64_t>(values.size())}, values);
  };
  if (const auto* i = std::get_if<std::int64_t>(&value)) return list(DType::int64, std::span<const std::int64_t>(i, 1), true);
  if (const auto* is = std::get_if<std::vector<std::int64_t>>(&value))
    return list(DType::int64, std::span<const std::int64_t>(*is), false);
  std::vector<float> reals;
  if (const auto* d = std::get_if<double>(&value)) reals = {static_cast<float>(*d)};
  if (const auto* ds = std::get_if<std::vector<double>>(&value))
    for (const double d : *ds) reals.push_back(static_cast<float>(d));
  if (!reals.empty() || name == "value_floats") return list(DType::float32, std::span<const float>(reals), name == "value_float");
  std::vector<std::string> texts;
  if (const auto* s = std::get_if<std::string>(&value)) texts = {*s};
  if (const auto* ss = std::get_if<std::vector<std::string>>(&value)) texts = *ss;
  return Tensor(TensorType(DType::string, name == "value_string" ? Shape{} : Shape{static_cast<std::int64_t>(texts.size())}),
                Buffer::copy_of(packed_strings(texts)));
}

/// Elements twice, or in the list of another type: read here as they are meant, refused elsewhere.
void report_lists(Reading& r, TensorRef ref, const TensorMessage& t, const Buffer& elements) {
  const source::SourceTensor& tensor = r.model[ref];
  const auto count = tensor.shape.elements();
  const bool whole = count && byte_size(tensor.dtype, *count) == std::optional<std::size_t>(elements.bytes.size());
  const bool other_list = !t.raw && t.reals && is_integer(tensor.dtype);
  if (!whole || elements.bytes.empty() || (!other_list && !(t.raw && t.lists))) return;
  Place place = r.model.place(ref);
  auto& f = add_finding(
      r, "QG4204", other_list ? Cause::dtype_contradiction : Cause::duplicate_definition,
      other_list ? fmt::format("'{}' is declared {} and has its elements in the list of floats", t.name, name(tensor.dtype))
                 : fmt::format("'{}' has its elements twice: as bytes and as a list", t.name),
      std::move(place));
  f.diagnostic.severity = Severity::warning;
  f.diagnostic.expected = "raw_data, or the list of its dtype";
  f.diagnostic.found = other_list ? "float_data" : "raw_data and a list";
  f.diagnostic.why = "a tool replaced the elements, and wrote them beside or in place of the field that its dtype has";
  f.diagnostic.fix = Fix{.id = "store-as-bytes",
                         .confidence = Confidence::safe,
                         .description = fmt::format("store '{}' as raw_data alone, as it is read here", t.name),
                         .max_change = 0.0};
  f.edits = {source::SetData{ref, elements}};
}

}  // namespace

void set_constant(Reading& r, TensorRef ref, Bytes message, StoredTensor stored) {
  TensorMessage t = read_tensor(message);
  source::SourceTensor& tensor = r.model[ref];
  set_type(r, tensor, t.data_type, std::move(t.dims));
  tensor.origin = {static_cast<std::uint64_t>(r.offset_of(message)), message.size()};
  tensor.data = {.storage_index = store(r, stored)};
  if (t.external) return read_external(r, ref, t);
  if (t.raw || !t.lists) {
    // At an odd address they are copied.
    if (t.raw && !lies_aligned(*t.raw, tensor.dtype) && !r.spend_decoded(t.raw->size())) return;
    tensor.data.encoding = Encoding::raw;
    tensor.data.bytes = elements_of(t, r.state.file);
    return report_lists(r, ref, t, tensor.data.bytes);
  }
  if (!r.spend_decoded(decoded_size(t))) return;
  if (t.reals && is_integer(tensor.dtype)) report_lists(r, ref, t, elements_of(t, r.state.file));
  tensor.data.encoding = Encoding::encoded;
  tensor.data.bytes = Buffer{r.state.file.owner, message};
  tensor.data.decode = &decode_tensor;
}

void set_sparse_constant(Reading& r, TensorRef ref, Bytes message, StoredTensor stored) {
  SparseMessage s = read_sparse(message);
  source::SourceTensor& tensor = r.model[ref];
  set_type(r, tensor, s.values.data_type, std::move(s.dims));
  tensor.origin = {static_cast<std::uint64_t>(r.offset_of(message)), message.size()};
  const auto elements = tensor.shape.elements();
  if (!r.spend_decoded(elements ? byte_size(tensor.dtype, *elements).value_or(0) : 0)) return;
  tensor.data = {.encoding = Encoding::sparse,
                 .bytes = Buffer{r.state.file.owner, message},
                 .decode = &decode_sparse,
                 .storage_index = store(r, stored)};
}

bool set_constant_node(Reading& r, TensorRef ref, const NodeRecord& record) {
  const auto all = all_attributes(record);
  if (all.empty() || r.model[ref].data.exists()) return false;
  const StoredTensor stored{record.message, StoredIn::constant_node};
  for (const auto& [name, message] : all) {
    std::optional<Bytes> part;
    const auto wanted = name == "sparse_value" ? attribute_field::sparse_tensor : attribute_field::t;
    for_each_field(message, [&](const Field& f) {
      if (f.is(wanted, Wire::length)) part = f.bytes;
    });
    if (name == "value" && part) {
      set_constant(r, ref, *part, stored);
      return true;
    }
    if (name == "sparse_value" && part) {
      set_sparse_constant(r, ref, *part, stored);
      return true;
    }
    if (!name.starts_with("value_")) continue;
    const auto value = attribute_value(message, r.state.file);
    auto plain = value ? plain_value(*value, name) : std::nullopt;
    if (!plain || !r.spend_decoded(plain->data.bytes.size())) return false;
    source::SourceTensor& tensor = r.model[ref];
    tensor.declared = true;
    tensor.dtype = plain->type.dtype();
    tensor.shape = plain->type.shape;
    tensor.data = {.encoding = Encoding::raw, .bytes = plain->data, .storage_index = store(r, stored)};
    return true;
  }
  return false;
}

}  // namespace qgraph::formats::onnx
