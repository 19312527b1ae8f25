// A Graph that passes edit.
#include "runtime/passes/draft.hpp"

#include <algorithm>

#include "graph/builder_impl.hpp"
#include "ops/infer.hpp"
#include "runtime/select_kernel.hpp"

namespace qgraph::runtime::passes {
namespace {

constexpr std::uint32_t none = Id<NodeTag>::none;

/// May it go when nothing reads what it makes?
bool free_of_effects(const Node& node) { return node.op && !node.host && !node.op->stateful && node.bodies.empty(); }

/// Types of what the node makes, where there is a kernel for it.
Result<Types> infer(const std::vector<GraphTensor>& tensors, const Node& node, std::span<const TensorType> declared) {
  std::vector<const TensorType*> types;
  std::vector<const std::span<const std::byte>*> values;
  for (TensorId id : node.inputs) {
    types.push_back(id ? &tensors[id.value].type : nullptr);
    values.push_back(id && tensors[id.value].constant ? &tensors[id.value].data.bytes : nullptr);
  }
  if (auto kernel = select_kernel(node, types); !kernel) return std::move(kernel).error();
  return node.op->infer({.inputs = types,
                         .values = values,
                         .declared_outputs = declared,
                         .output_count = declared.size(),
                         .attribute_struct = node.attributes.get()});
}

/// The op's own struct with these values. False: it has no such attributes.
bool set_attributes(Node& node, const Attributes& attributes) {
  std::shared_ptr<void> values = node.op->attributes.make ? node.op->attributes.make() : nullptr;
  for (const auto& [key, value] : attributes) {
    const AttrDef* row = node.op->attributes.find(key);
    if (!row || !row->set(values.get(), value)) return false;
  }
  node.attributes = std::move(values);
  return true;
}

}  // namespace

Draft::Draft(const Graph& graph)
    : name_(graph.name()),
      tensors_(graph.tensors().begin(), graph.tensors().end()),
      nodes_(graph.nodes().begin(), graph.nodes().end()),
      inputs_(graph.inputs().begin(), graph.inputs().end()),
      outputs_(graph.outputs().begin(), graph.outputs().end()) {
  outputs_read_.resize(tensors_.size());
  for (TensorId t : outputs_) outputs_read_[t.value] = true;
  read_before_ = outputs_read_;
  for (const Node& node : nodes_)
    for (TensorId t : node.inputs)
      if (t) read_before_[t.value] = true;
}

std::optional<Graph> Draft::finish() && {
  if (!changed_ || !runnable()) return std::nullopt;
  GraphBuilder builder(name_);
  GraphBuilder::Impl& b = builder.impl();
  b.tensors = std::move(tensors_);
  b.nodes = std::move(nodes_);
  b.inputs = std::move(inputs_);
  b.outputs = std::move(outputs_);
  b.outputs_set = true;
  auto graph = builder.finish();
  if (!graph) return std::nullopt;
  return *std::move(graph);
}

/// Is everything there before it is read?
bool Draft::runnable() const {
  std::vector<bool> there(tensors_.size(), false);
  for (std::size_t t = 0; t < tensors_.size(); ++t) there[t] = tensors_[t].constant || tensors_[t].state;
  for (TensorId t : inputs_) there[t.value] = true;
  const auto read = [&](TensorId t) { return !t || there[t.value]; };
  for (const Node& node : nodes_) {
    if (!std::ranges::all_of(node.inputs, read)) return false;
    for (TensorId t : node.outputs)
      if (t) there[t.value] = true;
  }
  return std::ranges::all_of(outputs_, read);
}

std::vector<Node> Draft::begin() {
  readers_.assign(tensors_.size(), 0);
  for (const Node& node : nodes_)
    for (TensorId t : node.inputs)
      if (t) ++readers_[t.value];
  for (TensorId t : outputs_) ++readers_[t.value];
  maker_.assign(tensors_.size(), none);
  instead_.assign(tensors_.size(), TensorId{});
  std::vector<Node> old = std::move(nodes_);
  nodes_.clear();
  nodes_.reserve(old.size() + old.size() / 8);
  return old;
}

void Draft::forward(Node& node) const noexcept {
  for (TensorId& t : node.inputs)
    while (t && t.value < instead_.size() && instead_[t.value]) t = instead_[t.value];
}

void Draft::end() {
  std::vector<bool> read(tensors_.size(), false), dropped(nodes_.size(), false);
  for (TensorId t : outputs_) read[t.value] = true;
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    const Node& node = nodes_[i];
    const auto wanted = [&](TensorId t) { return t && read[t.value]; };
    // What nothing read from the beginning stays: it may be there for its errors.
    const auto lost = [&](TensorId t) { return t && (t.value >= read_before_.size() || read_before_[t.value]); };
    if (free_of_effects(node) && std::ranges::none_of(node.outputs, wanted) && std::ranges::any_of(node.outputs, lost)) {
      dropped[i] = true;
      continue;
    }
    for (TensorId t : node.inputs)
      if (t) read[t.value] = true;
  }
  std::size_t at = 0;
  std::erase_if(nodes_, [&](const Node&) { return dropped[at++]; });
}

std::optional<std::vector<std::int64_t>> Draft::integers(TensorId t) const {
  if (!constant(t)) return std::nullopt;
  const TensorType* types[] = {&type(t)};
  const std::span<const std::byte>* values[] = {&tensor(t).data.bytes};
  return InferContext{.inputs = types, .values = values}.integers(0);
}

const Node* Draft::maker(TensorId t) const noexcept {
  return t && t.value < maker_.size() && maker_[t.value] != none ? &nodes_[maker_[t.value]] : nullptr;
}
const Node* Draft::maker(TensorId t, std::string_view op) const noexcept {
  const Node* node = maker(t);
  return node && node->op && node->op->name == op ? node : nullptr;
}

TensorId Draft::new_tensor(GraphTensor tensor) {
  tensors_.push_back(std::move(tensor));
  maker_.push_back(none);
  return {static_cast<std::uint32_t>(tensors_.size() - 1)};
}

void Draft::keep(Node node) {
  for (TensorId t : node.outputs)
    if (t) maker_[t.value] = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back(std::move(node));
}

TensorId Draft::add(Node node, const ElementType& element, TensorId into) {
  const TensorType declared(element, Shape::unknown_rank());
  auto types = infer(tensors_, node, {&declared, 1});
  if (!types || types->empty()) return {};
  TensorType& made = types->front();
  const auto* plain = std::get_if<Plain>(&element);
  if (plain ? plain->dtype != DType::unknown && plain->dtype != made.dtype() : made.element != element) return {};
  if (into) {
    if (type(into).storage() != made.storage()) return {};
  } else {
    into = new_tensor({.type = std::move(made)});
  }
  node.outputs = {into};
  changed_ = true;
  keep(std::move(node));
  return into;
}

TensorId Draft::add(const Node& origin, const NewNode& wanted, const ElementType& element, TensorId into) {
  Node node{.op = find_op(wanted.op), .inputs = wanted.inputs, .name = origin.name, .source_index = origin.source_index};
  if (!node.op || !set_attributes(node, wanted.attributes)) return {};
  return add(std::move(node), element, into);
}

TensorId Draft::add(const Node& origin, const OpDef& op, std::shared_ptr<const void> attributes, std::vector<TensorId> inputs,
                    const ElementType& element, TensorId into) {
  return add({.op = &op,
              .attributes = std::move(attributes),
              .inputs = std::move(inputs),
              .name = origin.name,
              .source_index = origin.source_index},
             element, into);
}

std::vector<TensorId> Draft::add_parts(const Node& origin, const NewNode& wanted, const ElementType& element, std::size_t count) {
  Node node{.op = find_op(wanted.op), .inputs = wanted.inputs, .name = origin.name, .source_index = origin.source_index};
  if (!node.op || !set_attributes(node, wanted.attributes)) return {};
  const std::vector<TensorType> declared(count, TensorType(element, Shape::unknown_rank()));
  auto types = infer(tensors_, node, declared);
  if (!types || types->size() != count) return {};
  for (const TensorType& type : *types)
    if (type.element != element) return {};
  for (TensorType& type : *types) node.outputs.push_back(new_tensor({.type = std::move(type)}));
  changed_ = true;
  std::vector<TensorId> made = node.outputs;
  keep(std::move(node));
  return made;
}

TensorId Draft::constant(TensorType type, Buffer data) {
  return new_tensor({.type = std::move(type), .data = std::move(data), .constant = true});
}
TensorId Draft::constant(std::span<const std::int64_t> values) {
  return constant(TensorType(DType::int64, Shape{static_cast<std::int64_t>(values.size())}), Buffer::of(values));
}

void Draft::replace(TensorId old, TensorId instead) {
  instead_[old.value] = instead;
  changed_ = true;
}

Attributes attributes_with(const Node& node, const Attributes& changes) {
  Attributes all = node.all_attributes();
  for (const auto& [key, value] : changes) all.set(key, value);
  return all;
}

bool says(const Node& node, std::string_view attribute, std::int64_t value) {
  const auto found = node.attribute(attribute);
  const auto* integer = found ? std::get_if<std::int64_t>(&*found) : nullptr;
  return integer && *integer == value;
}
bool says(const Node& node, std::string_view attribute, std::string_view word) {
  const auto found = node.attribute(attribute);
  const auto* text = found ? std::get_if<std::string>(&*found) : nullptr;
  return text && *text == word;
}

bool quantized_bytes(const TensorType& type) noexcept {
  return type.quantized() && type.quantization()->per_tensor() &&
         (type.storage() == DType::int8 || type.storage() == DType::uint8);
}

}  // namespace qgraph::runtime::passes
