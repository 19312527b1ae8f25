// GraphBuilder: every node is checked and typed as it is added.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

#include "core/operand_list.hpp"
#include "graph/builder_impl.hpp"

namespace qgraph {

std::int32_t ModelContext::variable(const std::string& name, const TensorType& type) {
  for (std::size_t i = 0; i < variables.size(); ++i)
    if (variables[i].name == name) {
      if (variables[i].type.dtype() == DType::unknown) variables[i].type = type;
      return static_cast<std::int32_t>(i);
    }
  variables.push_back({name, type});
  return static_cast<std::int32_t>(variables.size() - 1);
}

TensorId GraphBuilder::Impl::new_tensor(GraphTensor t, std::uint32_t made_by) {
  tensors.push_back(std::move(t));
  producer.push_back(made_by);
  return {static_cast<std::uint32_t>(tensors.size() - 1)};
}

void GraphBuilder::Impl::problem(Cause cause, std::string headline, std::string why) {
  Diagnostic d{};
  d.code = "QG4101";
  d.cause = cause;
  d.headline = std::move(headline);
  d.why = std::move(why);
  if (place) d.places.push_back(*place);
  problems.push_back(std::move(d));
}

Result<Types> GraphBuilder::Impl::infer(const Node& n, std::span<const TensorType> declared) const {
  std::vector<const TensorType*> types(n.inputs.size(), nullptr);
  std::vector<const std::span<const std::byte>*> values(n.inputs.size(), nullptr);
  for (std::size_t i = 0; i < n.inputs.size(); ++i) {
    if (!n.inputs[i]) continue;
    const GraphTensor& t = tensors[n.inputs[i].value];
    types[i] = &t.type;
    if (t.constant) values[i] = &t.data.bytes;
  }
  std::vector<Types> body_outputs;
  for (const GraphId b : n.bodies)
    body_outputs.push_back(b.value < model->graph_outputs.size() ? model->graph_outputs[b.value] : Types{});
  InferContext c{.inputs = types,
                 .values = values,
                 .declared_outputs = declared,
                 .output_count = std::max<std::size_t>(declared.size(), 1),
                 .attribute_struct = n.attributes.get(),
                 .body_outputs = body_outputs};
  return n.op->infer(c);
}

std::string type_trouble(const TensorType& type) {
  const Quantization* q = type.quantization();
  if (!q) return {};
  const std::string dtype(name(type.storage()));
  if (quantized(type.storage()) == DType::unknown) return dtype + " cannot hold quantized values";
  if (q->scales.empty()) return "a quantized " + dtype + " tensor has no scale";
  if (q->zero_points.size() > 1 && q->zero_points.size() != q->scales.size())
    return fmt::format("{} zero points stand beside {} scales", q->zero_points.size(), q->scales.size());
  const auto rank = static_cast<int>(type.shape.rank());
  if (q->per_tensor() || !type.shape.ranked()) return {};
  if (q->axis < 0 || q->axis >= rank) return fmt::format("axis {} is outside a shape of rank {}", q->axis, rank);
  const std::int64_t length = type.shape[static_cast<std::size_t>(q->axis)];
  if (q->block_size == 0 && length >= 0 && static_cast<std::size_t>(length) != q->scales.size())
    return fmt::format("{} scales stand along axis {}, which has {} elements", q->scales.size(), q->axis, length);
  if (q->block_size > 0 && type.shape.is_static()) {
    std::int64_t blocks = 1;
    for (std::size_t i = 0; i < type.shape.rank(); ++i)
      blocks *= static_cast<int>(i) == q->axis ? (type.shape[i] + q->block_size - 1) / q->block_size : type.shape[i];
    if (static_cast<std::size_t>(blocks) != q->scales.size())
      return fmt::format("{} scales stand for {} blocks of {} along axis {}", q->scales.size(), blocks, q->block_size, q->axis);
  }
  return {};
}

const TensorType& Value::type() const noexcept {
  static const TensorType none{DType::unknown, Shape::unknown_rank()};
  return builder_ ? builder_->impl().tensors[id_.value].type : none;
}
const Buffer* Value::constant() const noexcept {
  if (!builder_) return nullptr;
  const GraphTensor& t = builder_->impl().tensors[id_.value];
  return t.constant ? &t.data : nullptr;
}

GraphBuilder::GraphBuilder(std::string name) : impl_(std::make_unique<Impl>()) { impl_->name = std::move(name); }
GraphBuilder::~GraphBuilder() = default;

Value GraphBuilder::input(std::string name, TensorType type) {
  const TensorId id = impl_->new_tensor({.name = std::move(name), .type = std::move(type)});
  impl_->inputs.push_back(id);
  return {this, id};
}

Value GraphBuilder::constant(TensorType type, Buffer data, std::string name) {
  const auto bytes = type.bytes();
  const bool fits = type.storage() == DType::string ? type.shape.is_static() : bytes && *bytes == data.bytes.size();
  if (!fits)
    impl_->problem(Cause::data_size_mismatch,
                   fmt::format("constant '{}' of type {} has {} bytes", name, type.to_string(), data.bytes.size()));
  return {this, impl_->new_tensor({.name = std::move(name), .type = std::move(type), .data = std::move(data), .constant = true})};
}

Value GraphBuilder::state(std::string name, TensorType type) {
  if (!type.bytes())
    impl_->problem(Cause::shape_mismatch, fmt::format("state '{}' has no fixed size: {}", name, type.to_string()));
  return {this, impl_->new_tensor({.name = std::move(name), .type = std::move(type), .state = true})};
}

Value GraphBuilder::quantized(Value stored, Quantization q) {
  if (!stored) {
    impl_->problem(Cause::dangling_reference, "an operand to quantize is left out");
    return {};
  }
  const GraphTensor& t = impl_->tensors[stored.id().value];
  if (q.axis < 0 && q.scales.size() > 1 && q.block_size == 0)
    if (const auto at = std::ranges::find(t.type.shape, static_cast<std::int64_t>(q.scales.size())); at != t.type.shape.end())
      q.axis = static_cast<int>(at - t.type.shape.begin());
  TensorType type(Quantized(t.type.storage(), std::move(q)), t.type.shape);
  if (const std::string trouble = type_trouble(type); !trouble.empty()) {
    impl_->problem(Cause::invalid_quantization, fmt::format("'{}': {}", t.name, trouble));
    return stored;
  }
  if (t.constant)
    return {this,
            impl_->new_tensor(
                {.name = t.name, .type = std::move(type), .data = t.data, .constant = true, .source_index = t.source_index})};
  return add("reinterpret", {stored}, {}, {std::move(type)});
}

Outputs add_node(GraphBuilder& builder, const OpDef& op, std::shared_ptr<const void> attributes, std::vector<Value> inputs,
                 std::vector<TensorType> declared, std::vector<GraphId> bodies) {
  GraphBuilder::Impl& b = builder.impl();
  Node node{.op = &op, .attributes = std::move(attributes), .bodies = std::move(bodies)};
  if (b.place) {
    node.name = b.place->node_name;
    node.source_index = b.place->node_index;
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto operand = operand_at(op.inputs, i);
    if (!operand) {
      b.problem(Cause::invalid_attribute,
                fmt::format("'{}' takes fewer than {} operands: {}", op.name, inputs.size(), op.inputs));
      return {};
    }
    node.inputs.push_back(inputs[i].id());
  }
  for (std::size_t i = 0;; ++i) {
    const auto operand = operand_at(op.inputs, i);
    if (!operand || operand->rest) break;
    if (!operand->optional && (i >= inputs.size() || !inputs[i])) {
      b.problem(Cause::dangling_reference, fmt::format("'{}' lacks its operand '{}'", op.name, operand->name));
      return {};
    }
  }
  if (op.bodies >= 0 && node.bodies.size() != static_cast<std::size_t>(op.bodies)) {
    b.problem(Cause::dangling_reference, fmt::format("'{}' takes {} bodies, not {}", op.name, op.bodies, node.bodies.size()));
    return {};
  }
  Result<Types> types = b.infer(node, declared);
  if (!types) {
    for (Diagnostic& d : std::move(types).error().diagnostics) {
      if (d.places.empty() && b.place) d.places.push_back(*b.place);
      b.problems.push_back(std::move(d));
    }
    return {};
  }
  const auto index = static_cast<std::uint32_t>(b.nodes.size());
  std::vector<Value> outputs;
  for (std::size_t i = 0; i < types->size(); ++i) {
    const TensorId id = b.new_tensor({.type = std::move((*types)[i])}, index);
    node.outputs.push_back(id);
    outputs.push_back(builder.value(id));
  }
  b.nodes.push_back(std::move(node));
  return outputs;
}

void bind_output(GraphBuilder& builder, Value value, std::string_view name, const TensorType& declared,
                 std::int64_t source_index) {
  GraphBuilder::Impl& b = builder.impl();
  if (!value) return;
  const std::uint32_t at = b.producer[value.id().value];
  GraphTensor& t = b.tensors[value.id().value];
  if (at == Id<NodeTag>::none) return;  // an input or constant passed on: it has its own name and type
  if (t.name.empty()) t.name = name;
  t.source_index = source_index;
  const Node& node = b.nodes[at];
  if (declared.dtype() == DType::unknown || !node.op) return;
  if (t.type == declared) return;  // as it was inferred
  std::vector<TensorType> types;
  std::size_t position = 0;
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    types.push_back(b.tensors[node.outputs[i].value].type);
    if (node.outputs[i] == value.id()) position = i;
  }
  types[position] = declared;
  Result<Types> inferred = b.infer(node, types);
  if (!inferred) {
    for (Diagnostic& d : std::move(inferred).error().diagnostics) builder.fail(std::move(d));
    return;
  }
  if (position < inferred->size()) t.type = std::move((*inferred)[position]);
  if (t.type.storage() != declared.storage())
    b.problem(Cause::dtype_contradiction,
              fmt::format("'{}' is declared {}, but {} makes {}", name, qgraph::name(declared.storage()), node.op->name,
                          qgraph::name(t.type.storage())));
}

Value unknown_value(GraphBuilder& builder, const TensorType& type) {
  return builder.value(builder.impl().new_tensor({.type = type}));
}

Outputs GraphBuilder::add(std::string_view name, std::vector<Value> inputs, Attributes attributes,
                          std::vector<TensorType> declared, std::vector<GraphId> bodies) {
  const OpDef* op = find_op(name);
  if (!op) {
    impl_->problem(Cause::unknown_op, fmt::format("there is no op '{}'", name));
    return {};
  }
  std::shared_ptr<void> values = op->attributes.make ? op->attributes.make() : nullptr;
  for (const auto& [key, value] : attributes) {
    const AttrDef* row = op->attributes.find(key);
    if (!row) {
      impl_->problem(Cause::invalid_attribute, fmt::format("'{}' has no attribute '{}'", name, key));
      return {};
    }
    if (!row->set(values.get(), value)) {
      impl_->problem(Cause::invalid_attribute, fmt::format("attribute '{}' of '{}' has a value that does not fit", key, name));
      return {};
    }
  }
  return add_node(*this, *op, std::move(values), std::move(inputs), std::move(declared), std::move(bodies));
}

Outputs GraphBuilder::add(HostOp op, std::vector<Value> inputs, std::vector<TensorType> types) {
  Node node{.host = std::make_shared<const HostOp>(std::move(op))};
  if (impl_->place) {
    node.name = impl_->place->node_name;
    node.source_index = impl_->place->node_index;
  }
  for (const Value& v : inputs) node.inputs.push_back(v.id());
  const auto index = static_cast<std::uint32_t>(impl_->nodes.size());
  std::vector<Value> outputs;
  for (TensorType& t : types) {
    const TensorId id = impl_->new_tensor({.type = std::move(t)}, index);
    node.outputs.push_back(id);
    outputs.push_back({this, id});
  }
  impl_->nodes.push_back(std::move(node));
  return outputs;
}

void GraphBuilder::set_outputs(std::vector<Value> outputs) {
  impl_->outputs_set = true;
  for (const Value& v : outputs) {
    if (!v) impl_->problem(Cause::dangling_reference, "an output of the graph is absent");
    impl_->outputs.push_back(v.id());
  }
}

void GraphBuilder::fail(Diagnostic d) {
  if (d.places.empty() && impl_->place) d.places.push_back(*impl_->place);
  impl_->problems.push_back(std::move(d));
}
bool GraphBuilder::failed() const noexcept { return !impl_->problems.empty(); }

namespace {

/// Drops the tensors that no node makes any more: every tensor of a Graph comes from somewhere. The others move up.
void drop_unmade(GraphBuilder::Impl& b) {
  std::vector<bool> made(b.tensors.size(), false);
  for (std::size_t i = 0; i < b.tensors.size(); ++i) made[i] = b.tensors[i].constant || b.tensors[i].state;
  for (const TensorId t : b.inputs) made[t.value] = true;
  for (const Node& n : b.nodes)
    for (const TensorId t : n.outputs)
      if (t) made[t.value] = true;
  std::vector<std::uint32_t> place(b.tensors.size());
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < b.tensors.size(); ++i) {
    place[i] = count;
    if (!made[i]) continue;
    if (count != i) b.tensors[count] = std::move(b.tensors[i]);
    ++count;
  }
  if (count == b.tensors.size()) return;
  b.tensors.resize(count);
  const auto move_up = [&](std::vector<TensorId>& ids) {
    for (TensorId& t : ids)
      if (t) t.value = place[t.value];
  };
  for (Node& n : b.nodes) {
    move_up(n.inputs);
    move_up(n.outputs);
  }
  move_up(b.inputs);
  move_up(b.outputs);
}

/// Drops the views and conversions that nothing reads: a translation makes them before it knows its readers. The integers take
/// over the name.
void drop_unread(GraphBuilder::Impl& b) {
  std::vector<bool> read(b.tensors.size(), false), dropped(b.nodes.size(), false);
  for (const TensorId t : b.outputs)
    if (t) read[t.value] = true;
  for (std::size_t i = b.nodes.size(); i-- > 0;) {
    const Node& n = b.nodes[i];
    const bool view = n.op && (n.op->name == "reinterpret" || n.op->name == "dequantize" || n.op->name == "cast");
    if (view && std::ranges::none_of(n.outputs, [&](TensorId t) { return read[t.value]; })) {
      dropped[i] = true;
      GraphTensor &from = b.tensors[n.inputs[0].value], &to = b.tensors[n.outputs[0].value];
      if (n.op->name == "reinterpret" && from.name.empty() && !from.constant) {
        from.name = std::move(to.name);
        from.source_index = std::exchange(to.source_index, -1);
      }
      continue;
    }
    for (const TensorId t : n.inputs)
      if (t) read[t.value] = true;
  }
  std::size_t at = 0;
  std::erase_if(b.nodes, [&](const Node&) { return dropped[at++]; });
  drop_unmade(b);
}

}  // namespace

Result<Graph> GraphBuilder::finish() {
  if (!impl_->outputs_set) impl_->problem(Cause::dangling_reference, "the graph has no outputs set");
  if (!failed())
    for (const GraphTensor& t : impl_->tensors)
      if (const std::string trouble = type_trouble(t.type); !trouble.empty())
        impl_->problem(Cause::invalid_quantization, fmt::format("'{}': {}", t.name, trouble));
  if (failed()) {
    Report report;
    report.diagnostics = std::move(impl_->problems);
    return report;
  }
  drop_unread(*impl_);
  Graph g;
  g.name_ = std::move(impl_->name);
  g.tensors_ = std::move(impl_->tensors);
  g.nodes_ = std::move(impl_->nodes);
  g.inputs_ = std::move(impl_->inputs);
  g.outputs_ = std::move(impl_->outputs);
  return g;
}

}  // namespace qgraph
