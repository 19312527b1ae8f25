// Lowering: order the nodes, find each one's handler, let it build, and give its outputs what the file declares of them.
#include "load/lower.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>

#include "core/number_lists.hpp"
#include "load/lowering.hpp"
#include "source/order.hpp"

namespace qgraph {
namespace {

using diagnose::Aspect;
using diagnose::Fact;
using diagnose::Finding;

/// The code of a node that its handler, or an op's own check, turned down.
std::string_view code_for(Cause cause) {
  switch (cause) {
    case Cause::unsupported_dtype:
    case Cause::dtype_contradiction: return "QG2102";
    case Cause::missing_attribute:
    case Cause::invalid_attribute: return "QG2103";
    case Cause::missing_quantization:
    case Cause::invalid_quantization:
    case Cause::inconsistent_quantization: return "QG2104";
    case Cause::dangling_reference: return "QG2105";
    case Cause::resource_limit: return "QG9001";
    default: return "QG2101";
  }
}

void mark_broken(ModelLowering& m) {
  for (const source::SourceGraph& g : m.model.graphs) {
    m.broken_tensor.emplace_back(g.tensors.size(), false);
    m.broken_node.emplace_back(g.nodes.size(), false);
  }
  for (const Finding& f : m.findings.list()) {
    if (f.diagnostic.severity != Severity::error) continue;
    for (const Fact& fact : f.breaks) {
      auto& broken = fact.of == Fact::Of::tensor ? m.broken_tensor : m.broken_node;
      if (fact.of == Fact::Of::file || fact.graph >= broken.size() || fact.index >= broken[fact.graph].size()) continue;
      if (fact.aspect != Aspect::order) broken[fact.graph][fact.index] = true;
    }
  }
}

std::vector<const source::QuantizationSite*> sites_of_graph(const source::Model& model, std::uint32_t graph) {
  std::vector<const source::QuantizationSite*> sites(model.graphs[graph].tensors.size(), nullptr);
  if (model.format == "onnx") return sites;  // its annotations inform: the nodes say what is computed
  for (const source::QuantizationSite& s : model.sites)
    if (s.where == source::Where::tensor && s.stored && s.stored.graph == graph && s.stored.index < sites.size() &&
        !sites[s.stored.index])
      sites[s.stored.index] = &s;
  return sites;
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Operands in order, attributes of the same name.
Outputs lower_straight(const SourceNode& n, GraphBuilder& builder, std::string_view to) {
  const OpDef* op = find_op(to);
  if (!op) {
    builder.fail(n.problem(Cause::unknown_op, fmt::format("'{}' stands for the op '{}', which this build lacks", n.op(), to)));
    return {};
  }
  std::shared_ptr<void> attributes = op->attributes.make ? op->attributes.make() : nullptr;
  for (const AttrDef& row : op->attributes.rows) {
    auto value = n.attribute(row.name);
    if (!value && row.name == "activation") value = n.attribute("fused_activation_function");
    if (!value) continue;
    if (auto* word = std::get_if<std::string>(&*value); word && !row.set(attributes.get(), *value)) *word = lower_case(*word);
    if (!row.set(attributes.get(), *value))
      builder.fail(n.problem(Cause::invalid_attribute,
                             fmt::format("attribute '{}' of '{}' has a value that does not fit", row.name, n.op())));
  }
  std::vector<Value> inputs;
  for (std::size_t i = 0; i < n.input_count(); ++i) inputs.push_back(n.input(i));
  while (!inputs.empty() && !inputs.back()) inputs.pop_back();
  for (const Value v : n.captures()) inputs.push_back(v);
  std::vector<TensorType> declared;
  for (std::size_t i = 0; i < n.output_count(); ++i) declared.push_back(n.output_type(i));
  return add_node(builder, *op, std::move(attributes), std::move(inputs), std::move(declared), n.bodies());
}

Outputs make_opaque(const SourceNode& n, GraphBuilder& builder) {
  std::vector<Value> inputs;
  for (std::size_t i = 0; i < n.input_count(); ++i)
    if (Value v = n.input(i)) inputs.push_back(v);
  for (const Value v : n.captures()) inputs.push_back(v);
  std::vector<TensorType> declared;
  for (std::size_t i = 0; i < n.output_count(); ++i) declared.push_back(n.output_type(i));
  Attributes a{{"op", std::string(n.op())}, {"domain", std::string(n.domain())}, {"version", std::int64_t{n.version()}}};
  if (!n.raw_options().empty())
    a.set("options", Tensor(TensorType(DType::uint8, Shape{static_cast<std::int64_t>(n.raw_options().size())}),
                            Buffer::copy_of(n.raw_options())));
  for (const std::string& key : n.attribute_names()) {
    std::vector<std::string> keys;
    if (const auto* have = a.find("attribute_names")) keys = *std::get_if<std::vector<std::string>>(have);
    keys.push_back(key);
    a.set("attribute_names", std::move(keys));
  }
  return builder.add("opaque", std::move(inputs), std::move(a), std::move(declared), n.bodies());
}

/// Turns what the builder complained about since `from` into findings that rest on the node and its operands.
bool take_problems(GraphLowering& g, source::NodeRef ref, std::size_t from) {
  auto& problems = g.builder.impl().problems;
  if (problems.size() == from) return false;
  const source::SourceNode& node = g.shared.model[ref];
  for (std::size_t i = from; i < problems.size(); ++i) {
    Finding f{};
    f.diagnostic = std::move(problems[i]);
    f.diagnostic.code = code_for(f.diagnostic.cause);
    f.diagnostic.places = {g.shared.model.place(ref)};
    if (f.diagnostic.headline.find(f.diagnostic.places[0].node_name) == std::string::npos)
      f.diagnostic.headline = fmt::format("node '{}' ({}): {}", f.diagnostic.places[0].node_name, node.op, f.diagnostic.headline);
    f.phase = diagnose::Phase::agreement;
    f.rests_on = diagnose::facts_around(g.shared.model, ref);
    f.breaks = {Fact::node(ref, Aspect::existence)};
    g.shared.findings.add(std::move(f));
  }
  problems.clear();
  return true;
}

void leave_out(GraphLowering& g, const source::SourceNode& node) {
  for (const source::TensorRef t : node.outputs) {
    if (!t || t.graph != g.graph) continue;
    const TensorType& type = g.shared.types[t.graph][t.index];
    if (type.dtype() == DType::unknown || g.shared.broken_tensor[t.graph][t.index] || !type_trouble(type).empty())
      g.poisoned[t.index] = true;
    else
      g.values[t.index] = unknown_value(g.builder, type);
  }
}

/// False: the node, or what it reads, is broken already.
bool lowerable(GraphLowering& g, source::NodeRef ref) {
  if (g.shared.broken_node[ref.graph][ref.index]) return false;
  const source::SourceNode& node = g.shared.model[ref];
  const auto sound = [&](source::TensorRef t) {
    if (t.dangling()) return false;
    if (!t) return true;
    if (g.shared.broken_tensor[t.graph][t.index]) return false;
    return t.graph != g.graph || !g.poisoned[t.index];
  };
  return std::ranges::all_of(node.inputs, sound) && std::ranges::none_of(node.outputs, [&](source::TensorRef t) {
           return t.dangling() || (t && g.shared.broken_tensor[t.graph][t.index]);
         });
}

/// What both say differs.
bool contradict(const Shape& declared, const Shape& inferred) {
  if (!declared.ranked() || !inferred.ranked()) return false;
  if (declared.rank() != inferred.rank()) return true;
  for (std::size_t i = 0; i < declared.rank(); ++i)
    if (declared[i] >= 0 && inferred[i] >= 0 && declared[i] != inferred[i]) return true;
  return false;
}

/// As inferred, open dimensions as declared.
Shape merged(const Shape& declared, Shape inferred) {
  if (declared.rank() == inferred.rank())
    for (std::size_t i = 0; i < inferred.rank(); ++i)
      if (inferred[i] < 0) inferred[i] = declared[i];
  return inferred;
}

bool lower_node(GraphLowering& g, source::NodeRef ref) {
  const source::SourceNode& node = g.shared.model[ref];
  if (!lowerable(g, ref)) return false;
  std::vector<Value> captures;
  if (!lower_bodies(g, ref, captures)) return false;
  const OpKey key = key_of(g.shared.model, g.shared.registry.impl(), ref);
  const Match m = match(g.shared.registry.impl(), key);
  const Place place = g.shared.model.place(ref);
  auto& b = g.builder.impl();
  const std::size_t before = b.problems.size();
  b.place = &place;
  const SourceNode::Impl impl{&g, &node, ref, &m, std::move(captures)};
  const SourceNode view(impl);
  Outputs outputs;
  if (!m) {
    if (g.shared.options.keep_unknown)
      outputs = make_opaque(view, g.builder);
    else
      g.builder.fail(miss(g.shared.registry.impl(), key));
  } else if (m.row && !m.row->lower) {
    outputs = lower_straight(view, g.builder, m.row->to);
  } else {
    Result<Outputs> made = m.handler ? m.handler->lower(view, g.builder) : m.row->lower(view, g.builder);
    if (made)
      outputs = *std::move(made);
    else
      for (Diagnostic& d : std::move(made).error().diagnostics) g.builder.fail(std::move(d));
  }
  if (b.problems.size() == before) {
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      const source::TensorRef t = node.outputs[i];
      if (!t || t.graph != g.graph) continue;
      if (i >= outputs.size() || !outputs[i]) {
        b.problem(Cause::dangling_reference,
                  fmt::format("the handler made {} of {} outputs", outputs.size(), node.outputs.size()));
        break;
      }
      const TensorType& declared = g.shared.types[t.graph][t.index];
      bind_output(g.builder, outputs[i], g.shared.model[t].name, declared, t.index);
      g.values[t.index] = outputs[i];
      const Shape& inferred = outputs[i].type().shape;
      if (declared.dtype() != DType::unknown && contradict(declared.shape, inferred))
        g.shared.shapes.push_back({ref, t, merged(declared.shape, inferred)});
    }
  }
  b.place = nullptr;
  return !take_problems(g, ref, before);
}

std::vector<Signature> signatures_of(const source::Model& model) {
  std::vector<Signature> out;
  for (const source::SourceSignature& s : model.signatures) {
    if (s.graph >= model.graphs.size()) continue;
    Signature sig{.name = std::string(s.name), .graph = {s.graph}};
    const source::SourceGraph& g = model.graphs[s.graph];
    const auto fill = [](const auto& named, const std::vector<source::TensorRef>& all, auto& names, auto& positions) {
      for (const auto& [name, tensor] : named)
        if (const auto at = std::ranges::find(all, tensor); at != all.end()) {
          names.emplace_back(name);
          positions.push_back(static_cast<std::size_t>(at - all.begin()));
        }
    };
    fill(s.inputs, g.inputs, sig.inputs, sig.input_positions);
    fill(s.outputs, g.outputs, sig.outputs, sig.output_positions);
    out.push_back(std::move(sig));
  }
  return out;
}

}  // namespace

bool lower_graph(ModelLowering& m, std::uint32_t index, const Around* around) {
  const source::SourceGraph& source = m.model.graphs[index];
  GraphLowering g(m, index, source.name.empty() ? fmt::format("graph {}", index) : std::string(source.name));
  g.builder.impl().model = m.context;
  g.values.resize(source.tensors.size());
  g.poisoned.resize(source.tensors.size(), false);
  bool whole = add_inputs(g, around);
  for (const std::uint32_t n : source::run_order(m.model, index)) {
    if (lower_node(g, {index, n})) continue;
    whole = false;
    leave_out(g, source.nodes[n]);
  }
  std::vector<Value> outputs;
  for (const source::TensorRef t : source.outputs) {
    Value v = t && !t.dangling() ? g.value(t) : Value{};
    if (!v) whole = false;
    outputs.push_back(v);
  }
  if (!whole) return false;
  if (around) {
    // Bodies are lowered before their node, so that it sees what they make.
    Types types;
    for (const Value v : outputs) types.push_back(v.type());
    m.context->graph_outputs[index] = std::move(types);
  }
  g.builder.set_outputs(std::move(outputs));
  Result<Graph> graph = g.builder.finish();
  if (graph) {
    m.graphs[index] = *std::move(graph);
    return true;
  }
  for (Diagnostic& d : std::move(graph).error().diagnostics) {
    d.code = code_for(d.cause);
    m.findings.add({.diagnostic = std::move(d), .phase = diagnose::Phase::agreement});
  }
  return false;
}

TensorType declared_type(const source::SourceTensor& t, const source::QuantizationSite* site) {
  TensorType type(t.dtype, t.shape);
  if (!site || site->scales.values.empty() || quantized(t.dtype) == DType::unknown) return type;
  Quantization q{.axis = -1, .block_size = site->block_size};
  const std::vector<double>&scales = site->scales.values, &zero_points = site->zero_points.values;
  q.scales.resize(scales.size());
  for (std::size_t i = 0; i < scales.size(); ++i) q.scales[i] = static_cast<float>(scales[i]);
  if (!all_zero(zero_points))
    for (const double z : zero_points) q.zero_points.push_back(static_cast<std::int64_t>(z));
  if (q.scales.size() > 1 || q.block_size > 0) q.axis = site->axis;
  type.element = Quantized(t.dtype, std::move(q));
  return type;
}

OpKey key_of(const source::Model& model, const Registry::Impl& registry, source::NodeRef ref) {
  const source::SourceNode& node = model[ref];
  OpKey key{.op = std::string(node.op), .domain = std::string(node.domain), .version = node.version};
  if (registry.handlers.empty()) return key;  // rows do not ask for the dtype
  source::TensorRef primary{};
  const OpRow* row = match(registry, key).row;
  const auto at = row ? operand_position(row->operands, "weights") : std::nullopt;
  if (at && *at < node.inputs.size()) primary = node.inputs[*at];
  if (!row)
    for (const source::TensorRef t : node.inputs)
      if (t && !primary && model[t].data.exists() && model[t].shape.elements().value_or(0) > 1) primary = t;
  if (!primary && !node.inputs.empty()) primary = node.inputs[0];
  if (!primary) return key;
  key.dtype = model[primary].dtype;
  for (const source::QuantizationSite& s : model.sites)
    if (s.stored == primary && s.scales.known && quantized(key.dtype) != DType::unknown) key.dtype = quantized(key.dtype);
  return key;
}

Value GraphLowering::value(source::TensorRef t) {
  if (!t || t.graph >= shared.types.size() || t.index >= shared.types[t.graph].size()) return {};
  const bool own = t.graph == graph;
  Value& v = own ? values[t.index] : captured[t];
  if (v || (own && poisoned[t.index])) return v;
  const source::SourceTensor& tensor = shared.model[t];
  const TensorType& type = shared.types[t.graph][t.index];
  if (tensor.data.exists()) {
    Result<Buffer> data = shared.model.data(t);
    // Bytes behind those that the type needs are not used (QG4201 warns of them), as TensorFlow Lite has it.
    if (const auto needed = type.bytes(); data && needed && type.storage() != DType::string && data->bytes.size() > *needed)
      data->bytes = data->bytes.first(*needed);
    if (data)
      v = builder.constant(type, *std::move(data), std::string(tensor.name));
    else
      for (Diagnostic& d : std::move(data).error().diagnostics) builder.fail(std::move(d));
  } else if (!own) {
    return v;  // its node could not be lowered
  } else if (tensor.state) {
    v = builder.state(std::string(tensor.name), type);
  } else if (type.bytes() == std::size_t{0}) {
    v = builder.constant(type, {}, std::string(tensor.name));
  } else {
    builder.fail({.code = "QG2105",
                  .cause = Cause::dangling_reference,
                  .headline = fmt::format("nothing makes '{}'", shared.model.display_name(t))});
  }
  if (!own) return v;
  if (v)
    builder.impl().tensors[v.id().value].source_index = t.index;
  else
    poisoned[t.index] = true;
  return v;
}

Lowered lower(const source::Model& model, const Registry& registry, const LoadOptions& options, diagnose::Findings& findings) {
  ModelLowering m{.model = model, .registry = registry, .options = options, .findings = findings};
  mark_broken(m);
  for (std::uint32_t g = 0; g < model.graphs.size(); ++g) {
    const auto sites = sites_of_graph(model, g);
    std::vector<TensorType> types;
    types.reserve(sites.size());
    for (std::size_t i = 0; i < sites.size(); ++i) types.push_back(declared_type(model.graphs[g].tensors[i], sites[i]));
    m.types.push_back(std::move(types));
    Types outputs;
    for (const source::TensorRef t : model.graphs[g].outputs)
      outputs.push_back(t && !t.dangling() && t.graph == g ? m.types[g][t.index]
                                                           : TensorType(DType::unknown, Shape::unknown_rank()));
    m.context->graph_outputs.push_back(std::move(outputs));
  }
  m.graphs.resize(model.graphs.size());
  bool whole = !model.graphs.empty();
  for (std::uint32_t g = 0; g < model.graphs.size(); ++g)
    if (model.graphs[g].parent == Id<struct Any>::none) whole = lower_graph(m, g, nullptr) && whole;
  Lowered result;
  result.shapes = std::move(m.shapes);
  Model::Data data{.format = std::string(model.format)};
  for (std::optional<Graph>& graph : m.graphs) {
    if (graph)
      data.graphs.push_back(*std::move(graph));
    else
      whole = false;
  }
  if (!whole || findings.any_error()) return result;
  data.signatures = signatures_of(model);
  data.variables = std::move(m.context->variables);
  data.metadata = model.metadata;
  result.model = Model(std::move(data));
  return result;
}

}  // namespace qgraph
