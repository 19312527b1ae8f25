// Access to a SourceModel: attributes with edits over them, data, numbers, and how things are called in messages.
#include "source/source_model.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "source/numbers.hpp"

namespace qgraph::source {
namespace {

bool in_model(const Model& m, TensorRef t) {
  return t && t.graph < m.graphs.size() && t.index < m.graphs[t.graph].tensors.size();
}
bool in_model(const Model& m, NodeRef n) { return n && n.graph < m.graphs.size() && n.index < m.graphs[n.graph].nodes.size(); }

std::int64_t file_index(std::int64_t stored, std::uint32_t index) { return stored >= 0 ? stored : std::int64_t{index}; }

}  // namespace

std::optional<AttributeValue> Model::attribute(const SourceNode& node, std::string_view name) const {
  const AttributeView& view = node.attributes;
  if (view.edited)
    if (const AttributeValue* v = view.edited->find(name)) return *v;
  if (std::ranges::find(view.removed, name) != view.removed.end()) return std::nullopt;
  return view.get ? view.get(view, *this, name) : std::nullopt;
}

std::vector<std::string> Model::attribute_names(const SourceNode& node) const {
  const AttributeView& view = node.attributes;
  std::vector<std::string> names = view.names ? view.names(view, *this) : std::vector<std::string>{};
  std::erase_if(names, [&](const std::string& n) { return std::ranges::find(view.removed, n) != view.removed.end(); });
  if (view.edited)
    for (const auto& [name, value] : *view.edited)
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  return names;
}

Result<Buffer> Model::data(TensorRef ref) const {
  if (!in_model(*this, ref)) return failure("QG4001", Cause::dangling_reference, "a tensor that does not exist has no data");
  const SourceTensor& tensor = (*this)[ref];
  switch (tensor.data.encoding) {
    case Encoding::raw:
    case Encoding::external: return tensor.data.bytes;
    case Encoding::sparse:
    case Encoding::encoded:
      if (tensor.data.decode) return tensor.data.decode(*this, tensor);
      break;
    case Encoding::none:
      return failure("QG4003", Cause::dangling_reference, fmt::format("'{}' is not a constant", display_name(ref)));
    case Encoding::missing: break;
  }
  return failure("QG4003", Cause::dangling_reference, fmt::format("the data of '{}' is not to be had", display_name(ref)));
}

std::optional<std::vector<double>> Model::numbers(TensorRef ref, std::size_t limit) const {
  if (!in_model(*this, ref) || !(*this)[ref].data.exists()) return std::nullopt;
  const SourceTensor& tensor = (*this)[ref];
  const int width = bits(tensor.dtype);
  if (width == 0 || width > 64) return std::nullopt;
  const Result<Buffer> raw = data(ref);
  if (!raw) return std::nullopt;
  std::size_t count = raw->bytes.size() * 8 / static_cast<std::size_t>(width);
  if (const auto elements = tensor.shape.elements()) {
    if (static_cast<std::uint64_t>(*elements) > count) return std::nullopt;
    count = static_cast<std::size_t>(*elements);
  }
  return decode_numbers(tensor.dtype, raw->bytes, std::min(count, limit));
}

std::string Model::display_name(TensorRef ref) const {
  if (!in_model(*this, ref)) return ref.dangling() ? "a tensor that does not exist" : "no tensor";
  const SourceTensor& tensor = (*this)[ref];
  return tensor.name.empty() ? fmt::format("tensor {}", file_index(tensor.file_index, ref.index)) : std::string(tensor.name);
}

std::string Model::display_name(NodeRef ref) const {
  if (!in_model(*this, ref)) return "no node";
  const SourceNode& node = (*this)[ref];
  if (!node.name.empty()) return std::string(node.name);
  if (!node.outputs.empty() && in_model(*this, node.outputs[0]) && !(*this)[node.outputs[0]].name.empty())
    return std::string((*this)[node.outputs[0]].name);
  return fmt::format("node {}", file_index(node.file_index, ref.index));
}

Place Model::place(TensorRef ref) const {
  Place p;
  if (ref.graph < graphs.size()) p.graph = ref.graph;
  if (!in_model(*this, ref)) return p;
  p.tensor = display_name(ref);
  p.tensor_index = file_index((*this)[ref].file_index, ref.index);
  return p;
}

Place Model::place(NodeRef ref) const {
  Place p;
  if (!in_model(*this, ref)) return p;
  p.graph = ref.graph;
  p.node_index = file_index((*this)[ref].file_index, ref.index);
  p.node_name = display_name(ref);
  p.op = (*this)[ref].op;
  return p;
}

Place Model::place(NodeRef node, TensorRef tensor) const {
  Place p = place(node);
  if (!in_model(*this, tensor)) return p;
  p.tensor = display_name(tensor);
  p.tensor_index = file_index((*this)[tensor].file_index, tensor.index);
  const auto& inputs = (*this)[node].inputs;
  if (const auto at = std::ranges::find(inputs, tensor); at != inputs.end()) p.input = at - inputs.begin();
  return p;
}

}  // namespace qgraph::source
