// Edits of tensors, of graphs' lists and of the file, and the way through all edits.
#include "formats/tflite/patch.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "formats/tflite/structure.hpp"
#include "formats/tflite/tensor_types.hpp"
#include "source/numbers.hpp"

namespace qgraph::formats::tflite {

using source::TensorRef;

TableRef Patch::graph(std::uint32_t g) {
  const TableRef t = flat.item(flat.root(), "subgraphs", g);
  if (!t.type) flat.fail(fmt::format("there is no graph {}", g));
  return t;
}

TableRef Patch::tensor(TensorRef ref) {
  const TableRef t = ref ? flat.item(graph(ref.graph), "tensors", ref.index) : TableRef{};
  if (!t.type) flat.fail(fmt::format("there is no tensor {}", ref.index));
  return t;
}

std::vector<std::int32_t> Patch::list(TableRef t, std::string_view name) {
  std::vector<std::int32_t> out(flat.count(t, name));
  const std::size_t slot = flat.field(t, name);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = flat.read<std::int32_t>(flat.target(slot) + 4 + 4 * i);
  return out;
}

void Patch::set_position(TableRef t, std::string_view name, std::uint32_t position, TensorRef to) {
  std::vector<std::int32_t> values = list(t, name);
  if (position > values.size() + 64) return flat.fail(fmt::format("position {} is far past the list's end", position));
  if (position >= values.size()) values.resize(position + 1, -1);
  values[position] = to ? static_cast<std::int32_t>(to.index) : -1;
  set_list(t, name, values);
}

void Patch::make(const source::SetDType& e) {
  const auto type = tensor_type_of(e.dtype);
  if (!type) return flat.fail(fmt::format("TensorFlow Lite has no {}", name(e.dtype)));
  flat.set_integer(tensor(e.tensor), "type", static_cast<int>(*type));
}

void Patch::set_dims(TensorRef ref, const Shape& shape) {
  std::vector<std::int32_t> dims, signature;
  for (const std::int64_t d : shape) {
    if (d > 0x7FFFFFFF || d < Shape::dynamic) return flat.fail(fmt::format("a dimension of {} does not fit", d));
    signature.push_back(static_cast<std::int32_t>(d));
    dims.push_back(d == Shape::dynamic ? 1 : static_cast<std::int32_t>(d));
  }
  const TableRef t = tensor(ref);
  if (!t.type) return;
  set_list(t, "shape", dims);
  if (dims != signature || flat.field(t, "shape_signature")) set_list(t, "shape_signature", signature);
  // Without dimensions, this says whether it is a scalar or of unknown rank.
  if (shape.rank() == 0) flat.set_integer(t, "has_rank", shape.ranked() ? 1 : 0);
}

void Patch::make(const source::SetShape& e) { set_dims(e.tensor, e.shape); }

bool Patch::buffer_is_shared(std::uint32_t buffer) {
  std::size_t readers = 0;
  for (std::size_t g = 0; g < flat.count(flat.root(), "subgraphs"); ++g) {
    const TableRef sub = flat.item(flat.root(), "subgraphs", g);
    for (std::size_t i = 0; i < flat.count(sub, "tensors"); ++i)
      readers += flat.integer(flat.item(sub, "tensors", i), "buffer") == buffer ? 1U : 0U;
  }
  for (std::size_t i = 0; i < flat.count(flat.root(), "metadata"); ++i)
    readers += flat.integer(flat.item(flat.root(), "metadata", i), "buffer") == buffer ? 1U : 0U;
  return readers > 1;
}

void Patch::write_data(TensorRef ref, std::span<const std::byte> raw) {
  constexpr std::array<std::string_view, 1> sparsity{"sparsity"};
  flat.remove(tensor(ref), sparsity);  // what is written is dense
  auto buffer = static_cast<std::uint32_t>(flat.integer(tensor(ref), "buffer"));
  if (flat.integer(tensor(ref), "external_buffer") != 0) {
    flat.set_integer(tensor(ref), "external_buffer", 0);
    buffer = 0;
  }
  if (buffer == 0 || buffer >= flat.count(flat.root(), "buffers") || buffer_is_shared(buffer)) {
    if (flat.count(flat.root(), "buffers") == 0) flat.append_buffer();  // the empty one at 0
    buffer = flat.append_buffer();
    flat.set_integer(tensor(ref), "buffer", buffer);
  }
  const TableRef b = flat.item(flat.root(), "buffers", buffer);
  if (flat.integer(b, "offset") > 1) {
    flat.set_integer(b, "offset", 0);
    flat.set_integer(b, "size", 0);
  }
  const std::size_t slot = flat.field(b, "data");
  if (slot && flat.count(b, "data") == raw.size()) {
    if (!raw.empty()) std::memcpy(flat.bytes().data() + flat.target(slot) + 4, raw.data(), raw.size());
  } else {
    flat.set_target(b, "data", [&] { return flat.append_vector(raw, raw.size(), 16); });
  }
}

void Patch::make(const source::SetData& e) {
  if (tensor(e.tensor).type) write_data(e.tensor, e.raw.bytes);
}

bool Patch::is_shared(std::string_view owners, std::string_view field, std::size_t table) {
  std::size_t owning = 0;
  for (std::size_t g = 0; g < flat.count(flat.root(), "subgraphs"); ++g) {
    const TableRef sub = flat.item(flat.root(), "subgraphs", g);
    for (std::size_t i = 0; i < flat.count(sub, owners); ++i) {
      const std::size_t slot = flat.field(flat.item(sub, owners, i), field);
      owning += slot && flat.target(slot) == table ? 1U : 0U;
    }
  }
  return owning > 1;
}

void Patch::write_parameters(TensorRef ref, const Quantization& q) {
  // Looked up anew each time: writing data can move everything.
  const auto details = [&] { return flat.child(flat.child(tensor(ref), "quantization"), "details"); };
  const auto write = [&](std::string_view name, const std::vector<double>& values) {
    const std::int64_t index = flat.integer(details(), name);
    if (index < 0 || values.empty()) return;
    const TensorRef list{ref.graph, static_cast<std::uint32_t>(index)};
    const TableRef t = tensor(list);
    const DType dtype = t.type ? dtype_of(static_cast<schema::TensorType>(flat.integer(t, "type"))) : DType::unknown;
    if (const auto bytes = source::encode_numbers(dtype, values))
      write_data(list, *bytes);
    else
      flat.fail(fmt::format("the {} cannot be written as {}", name, qgraph::name(dtype)));
  };
  flat.set_integer(details(), "block_size", q.block_size);
  write("zero_points", {q.zero_points.begin(), q.zero_points.end()});
  write("scales", {q.scales.begin(), q.scales.end()});
}

void Patch::make(const source::SetQuantization& e) {
  const TableRef t = tensor(e.tensor);
  if (!t.type) return;
  const Quantization& q = e.quantization;
  TableRef site = flat.child(t, "quantization");
  if (site.slot)
    flat.unshare(site);
  else {
    flat.set_target(t, "quantization", [&] { return flat.append_empty_table(); });
    site = flat.child(t, "quantization");
  }
  const TableRef details = flat.child(site, "details");
  if (q.block_size > 0) {
    if (!details.type || !field_of(*details.type, "block_size"))
      return flat.fail("blocks of scales need the tensors that hold them");
    return write_parameters(e.tensor, q);
  }
  if (details.slot) {
    constexpr std::array<std::string_view, 2> names{"details", "details_type"};
    flat.remove(site, names);
  }
  if (q.scales.empty() && q.zero_points.empty()) {
    constexpr std::array<std::string_view, 3> names{"scale", "zero_point", "quantized_dimension"};
    return flat.remove(site, names);
  }
  std::vector<std::int64_t> zero_points = q.zero_points;
  if (zero_points.empty()) zero_points.assign(q.scales.size(), 0);  // runtimes want as many as scales
  flat.set_target(site, "scale", [&] { return flat.append_list(std::span<const float>(q.scales)); });
  flat.set_target(site, "zero_point", [&] { return flat.append_list(std::span<const std::int64_t>(zero_points)); });
  if (q.axis >= 0 || flat.field(site, "quantized_dimension")) flat.set_integer(site, "quantized_dimension", std::max(q.axis, 0));
}

void Patch::make(const source::AddTensor& e) {
  if (!graph(e.graph).type) return;
  const auto type = tensor_type_of(e.tensor.dtype);
  if (!type) return flat.fail(fmt::format("TensorFlow Lite has no {}", name(e.tensor.dtype)));
  const TensorRef ref{e.graph, static_cast<std::uint32_t>(flat.count(graph(e.graph), "tensors"))};
  const TableRef t = flat.append_item(graph(e.graph), "tensors");
  flat.set_target(t, "name", [&] { return flat.append_string(e.name); });
  flat.set_integer(t, "type", static_cast<int>(*type));
  flat.set_integer(t, "is_variable", e.tensor.state ? 1 : 0);
  set_dims(ref, e.tensor.shape);
  if (e.tensor.data.exists()) write_data(ref, e.tensor.data.bytes.bytes);
}

void Patch::make(const source::SetGraphInput& e) { set_position(graph(e.graph), "inputs", e.position, e.tensor); }
void Patch::make(const source::SetGraphOutput& e) { set_position(graph(e.graph), "outputs", e.position, e.tensor); }
void Patch::make(const source::SetFileVersion& e) { flat.set_integer(flat.root(), "version", e.version); }

void Patch::make(const source::SetFileIdentifier& e) {
  if (e.identifier.size() != 4) return flat.fail("an identifier has four letters");
  const std::size_t root = flat.target(0);
  const std::size_t vtable = root - static_cast<std::size_t>(std::int64_t{flat.read<std::int32_t>(root)});
  if (root < 8 || vtable < 8) return flat.fail("the file has no room for an identifier");
  for (std::size_t i = 0; i < 4; ++i) flat.write(4 + i, e.identifier[i]);
}

Result<std::vector<std::byte>> patch(const source::Model& model, std::span<const source::Edit> edits) {
  Patch p(model);
  for (const source::Edit& edit : edits) {
    if (!p.flat.error().empty()) break;
    std::visit([&](const auto& e) { p.make(e); }, edit);
  }
  if (p.flat.error().empty()) p.finish();
  if (p.flat.error().empty() && !verify(p.flat.bytes(), state_of(model).budgets))
    p.flat.fail("the changed file would not be sound");
  if (!p.flat.error().empty())
    return failure("QG1017", Cause::unreadable_file, "the changes cannot be written into the file: " + p.flat.error());
  return std::move(p.flat.bytes());
}

}  // namespace qgraph::formats::tflite
