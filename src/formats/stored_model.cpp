// From a stored description to a Model and back. Nothing of a description is believed: the graphs are built anew.
#include "formats/stored_model.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstring>

#include "core/nearest_name.hpp"
#include "graph/builder_impl.hpp"

namespace qgraph::formats {
namespace {

constexpr std::uint32_t none = TensorId::none;

Report wrong(Cause cause, std::string headline, std::string why = {}) {
  return failure("QG1303", cause, std::move(headline), std::move(why));
}

/// What no part of the library may meet later: dimensions below -1, sizes that overflow, strings whose offsets lead outside.
std::string trouble(const GraphTensor& t) {
  for (const std::int64_t d : t.type.shape)
    if (d < -1) return fmt::format("a dimension is {}", d);
  if (t.type.shape.is_static() && !t.type.shape.elements()) return "it has more elements than can be counted";
  if (const Quantization* q = t.type.quantization()) {
    if (q->block_size < 0 || q->block_size > (std::int64_t{1} << 31)) return fmt::format("its block size is {}", q->block_size);
    if (std::string s = type_trouble(t.type); !s.empty()) return s;
  }
  if (t.constant && t.state) return "it is constant and state at once";
  if (!t.constant || t.type.storage() != DType::string) return {};
  const auto word = [&](std::size_t i) {
    std::int32_t v = -1;
    if (i < t.data.bytes.size() / 4) std::memcpy(&v, t.data.bytes.data() + 4 * i, 4);
    return v;
  };
  const std::int64_t count = word(0);
  if (count < 0 || count != t.type.shape.elements().value_or(-1) ||
      (static_cast<std::uint64_t>(count) + 2) * 4 > t.data.bytes.size())
    return "its strings are not packed as they should";
  for (std::int64_t i = 0; i <= count; ++i) {
    const std::int32_t at = word(static_cast<std::size_t>(i) + 1), before = i == 0 ? 0 : word(static_cast<std::size_t>(i));
    if (at < before || static_cast<std::size_t>(at) > t.data.bytes.size()) return "its strings are not packed as they should";
  }
  return {};
}

/// `inferred` as far as `stored` says nothing else; nothing where they contradict each other.
bool agree(const TensorType& inferred, const TensorType& stored) {
  const Quantization* a = inferred.quantization();
  const Quantization* b = stored.quantization();
  if (inferred.storage() != DType::unknown && inferred.storage() != stored.storage()) return false;
  if ((a == nullptr) != (b == nullptr) && inferred.storage() != DType::unknown) return false;
  if (a && b && !a->scales.empty() && !(*a == *b)) return false;
  const Shape &s = inferred.shape, &t = stored.shape;
  if (!s.ranked() || !t.ranked()) return true;
  return std::ranges::equal(s, t, [](std::int64_t x, std::int64_t y) { return x == y || x < 0 || y < 0; });
}

/// Builds one graph. Tensors keep the numbers that a builder had given them.
class Rebuild {
 public:
  Rebuild(StoredGraph& stored, std::shared_ptr<ModelContext> model) : stored_(stored), builder_(stored.name) {
    builder_.impl().model = std::move(model);
  }

  Result<Graph> run() {
    if (Status s = claim(); !s) return std::move(s).error();
    values_.resize(stored_.tensors.size());
    for (StoredNode& n : stored_.nodes)
      if (Status s = add(n); !s) return std::move(s).error();
    for (std::uint32_t i = 0; i < stored_.tensors.size(); ++i) make(i);
    for (std::uint32_t i = 0; i < stored_.tensors.size(); ++i)
      if (!values_[i])
        return wrong(Cause::dangling_reference, fmt::format("tensor {} '{}' is made by nothing", i, stored_.tensors[i].name));
    std::vector<Value> outputs;
    for (const std::uint32_t o : stored_.outputs) outputs.push_back(values_[o]);
    builder_.set_outputs(std::move(outputs));
    GraphBuilder::Impl& b = builder_.impl();
    b.inputs.clear();  // the order of the graph's inputs need not be that of its tensors
    for (const std::uint32_t i : stored_.inputs) b.inputs.push_back(values_[i].id());
    return builder_.finish();
  }

 private:
  /// Every index is one of a tensor, and every tensor comes from one place.
  Status claim() {
    const std::size_t count = stored_.tensors.size();
    from_node_.assign(count, false);
    is_input_.assign(count, false);
    const auto outside = [&](std::uint32_t i) {
      return wrong(Cause::dangling_reference,
                   fmt::format("graph '{}' has {} tensors and names tensor {}", stored_.name, count, i));
    };
    const auto twice = [&](std::uint32_t i) {
      return wrong(Cause::duplicate_definition, fmt::format("tensor {} '{}' has two origins", i, stored_.tensors[i].name));
    };
    for (const GraphTensor& t : stored_.tensors)
      if (const std::string s = trouble(t); !s.empty())
        return wrong(Cause::invalid_quantization, fmt::format("tensor '{}': {}", t.name, s));
    for (const std::uint32_t i : stored_.inputs) {
      if (i >= count) return outside(i);
      if (is_input_[i] || stored_.tensors[i].constant || stored_.tensors[i].state) return twice(i);
      is_input_[i] = true;
    }
    for (const StoredNode& n : stored_.nodes) {
      for (const std::uint32_t i : n.inputs)
        if (i >= count && i != none) return outside(i);
      for (const std::uint32_t i : n.outputs) {
        if (i >= count) return outside(i);
        if (is_input_[i] || from_node_[i] || stored_.tensors[i].constant || stored_.tensors[i].state) return twice(i);
        from_node_[i] = true;
      }
    }
    for (const std::uint32_t i : stored_.outputs)
      if (i >= count) return outside(i);
    return Done{};
  }

  void make(std::uint32_t i) {
    GraphTensor& t = stored_.tensors[i];
    if (values_[i] || from_node_[i]) return;
    if (is_input_[i])
      values_[i] = builder_.input(t.name, t.type);
    else if (t.constant)
      values_[i] = builder_.constant(t.type, t.data, t.name);
    else if (t.state)
      values_[i] = builder_.state(t.name, t.type);
    else
      return;
    builder_.impl().tensors[values_[i].id().value].source_index = t.source_index;
  }

  Status add(StoredNode& n) {
    const std::string which = fmt::format("node {} '{}' ({})", builder_.impl().nodes.size(), n.name, n.op);
    const OpDef* op = find_op(n.op);
    if (!op)
      return failure("QG1304", Cause::unknown_op, which + ": this version knows no such op", "near names: " + near_ops(n.op));
    for (const auto& [key, value] : n.attributes)
      if (!op->attributes.find(key))
        return failure("QG1304", Cause::invalid_attribute,
                       fmt::format("{}: this version knows no attribute '{}' of it", which, key));
    // Tensors are made in the order of their numbers, so that they keep them: those before the node's outputs, or up to its
    // inputs.
    std::uint32_t first = n.outputs.empty() ? 0 : *std::ranges::min_element(n.outputs);
    if (n.outputs.empty())
      for (const std::uint32_t i : n.inputs) first = i == none ? first : std::max(first, i + 1);
    for (; made_ < first; ++made_) make(made_);
    std::vector<Value> inputs;
    for (const std::uint32_t i : n.inputs) {
      if (i != none) make(i);
      if (i != none && !values_[i])
        return wrong(Cause::wrong_order,
                     fmt::format("{} reads tensor {} '{}' before it is made", which, i, stored_.tensors[i].name));
      inputs.push_back(i == none ? Value{} : values_[i]);
    }
    std::vector<TensorType> declared;
    for (const std::uint32_t o : n.outputs) declared.push_back(stored_.tensors[o].type);
    std::vector<GraphId> bodies;
    for (const std::uint32_t body : n.bodies) bodies.push_back(GraphId{body});
    Outputs outputs = builder_.add(n.op, std::move(inputs), std::move(n.attributes), std::move(declared), std::move(bodies));
    if (builder_.failed()) {
      Report report;
      report.diagnostics = builder_.impl().problems;
      for (Diagnostic& d : report.diagnostics) d.headline = which + ": " + d.headline;
      return report;
    }
    if (outputs.size() != n.outputs.size())
      return wrong(Cause::invalid_attribute,
                   fmt::format("{} has {} outputs, its op makes {}", which, n.outputs.size(), outputs.size()));
    GraphBuilder::Impl& b = builder_.impl();
    b.nodes.back().name = n.name;
    b.nodes.back().source_index = n.source_index;
    for (std::size_t k = 0; k < n.outputs.size(); ++k) {
      const GraphTensor& t = stored_.tensors[n.outputs[k]];
      GraphTensor& made = b.tensors[outputs[k].id().value];
      if (!agree(made.type, t.type))
        return wrong(Cause::dtype_contradiction,
                     fmt::format("{} makes {}, stored is {}", which, made.type.to_string(), t.type.to_string()));
      made.name = t.name;
      made.type = t.type;
      made.source_index = t.source_index;
      values_[n.outputs[k]] = outputs[k];
    }
    return Done{};
  }

  static std::string near_ops(std::string_view op) {
    std::vector<std::string> names;
    for (const OpDef* d : all_ops()) names.emplace_back(d->name);
    return fmt::format("{}", fmt::join(nearest_names(op, names, 4), ", "));
  }

  StoredGraph& stored_;
  GraphBuilder builder_;
  std::vector<Value> values_;
  std::vector<bool> from_node_, is_input_;
  std::uint32_t made_ = 0;  ///< tensors before this one are made, or come from nodes
};

/// How deep the bodies of graph `g` nest; nothing where they lead back to it. depth[g]: 0 not seen, -1 under way.
bool nests(const StoredModel& m, std::uint32_t g, std::vector<int>& depth, int limit) {
  if (depth[g] != 0) return depth[g] > 0;
  depth[g] = -1;
  if (limit == 0) return false;
  for (const StoredNode& n : m.graphs[g].nodes)
    for (const std::uint32_t body : n.bodies)
      if (body >= m.graphs.size() || !nests(m, body, depth, limit - 1)) return false;
  depth[g] = 1;
  return true;
}

Status check_outline(const StoredModel& m, const Budgets& budgets) {
  if (m.graphs.empty()) return wrong(Cause::unreadable_file, "the file holds no graph");
  std::size_t nodes = 0, tensors = 0;
  for (const StoredGraph& g : m.graphs) {
    nodes += g.nodes.size();
    tensors += g.tensors.size();
  }
  if (nodes > budgets.nodes || tensors > budgets.tensors)
    return failure("QG9002", Cause::resource_limit, fmt::format("{} nodes and {} tensors are more than allowed", nodes, tensors));
  std::vector<int> depth(m.graphs.size(), 0);
  for (std::uint32_t g = 0; g < m.graphs.size(); ++g)
    if (!nests(m, g, depth, static_cast<int>(budgets.nesting)))
      return wrong(Cause::cycle,
                   fmt::format("the bodies of graph {} '{}' are missing, hold themselves or nest too deep", g, m.graphs[g].name));
  for (const Signature& s : m.signatures) {
    const auto unsound = [&](const std::vector<std::string>& names, const std::vector<std::size_t>& positions,
                             std::size_t count) {
      return names.size() != positions.size() || std::ranges::any_of(positions, [&](std::size_t p) { return p >= count; });
    };
    if (s.graph.value >= m.graphs.size() || unsound(s.inputs, s.input_positions, m.graphs[s.graph.value].inputs.size()) ||
        unsound(s.outputs, s.output_positions, m.graphs[s.graph.value].outputs.size()))
      return wrong(Cause::dangling_reference, fmt::format("signature '{}' names what is not there", s.name));
  }
  return Done{};
}

}  // namespace

Result<Model> rebuild(StoredModel stored, const Budgets& budgets) {
  if (Status s = check_outline(stored, budgets); !s) return std::move(s).error();
  auto context = std::make_shared<ModelContext>();
  context->variables = stored.variables;
  for (const StoredGraph& g : stored.graphs) {
    Types& types = context->graph_outputs.emplace_back();
    for (const std::uint32_t o : g.outputs)
      types.push_back(o < g.tensors.size() ? g.tensors[o].type : TensorType(DType::unknown, Shape::unknown_rank()));
  }
  Model::Data data{.graphs = {},
                   .signatures = std::move(stored.signatures),
                   .variables = std::move(stored.variables),
                   .metadata = std::move(stored.metadata),
                   .format = std::move(stored.format)};
  for (StoredGraph& g : stored.graphs) {
    Result<Graph> graph = Rebuild(g, context).run();
    if (!graph) return std::move(graph).error();
    data.graphs.push_back(*std::move(graph));
  }
  return Model(std::move(data));
}

Result<StoredModel> take_apart(const Model& model) {
  if (model.empty()) return failure("QG1502", Cause::unreadable_file, "there is no graph to write");
  StoredModel out{.graphs = {},
                  .signatures = model.data().signatures,
                  .variables = model.data().variables,
                  .metadata = model.data().metadata,
                  .format = model.data().format};
  const auto numbers = [](std::span<const TensorId> ids) {
    std::vector<std::uint32_t> list;
    for (const TensorId id : ids) list.push_back(id.value);
    return list;
  };
  for (const Graph& g : model.graphs()) {
    StoredGraph& graph = out.graphs.emplace_back();
    graph.name = g.name();
    graph.tensors.assign(g.tensors().begin(), g.tensors().end());
    graph.inputs = numbers(g.inputs());
    graph.outputs = numbers(g.outputs());
    for (const Node& n : g.nodes()) {
      if (n.host || !n.op || find_op(n.op->name) != n.op)
        return failure("QG1502", Cause::unknown_op,
                       fmt::format("'{}' is an op of the host's, which a file cannot hold", n.op_name()),
                       "its kernel is code of the program that loaded the graph");
      StoredNode& node = graph.nodes.emplace_back();
      node.op = n.op->name;
      node.name = n.name;
      node.inputs = numbers(n.inputs);
      node.outputs = numbers(n.outputs);
      for (const GraphId b : n.bodies) node.bodies.push_back(b.value);
      for (const auto& [key, value] : n.all_attributes()) {
        // A dtype that is not said has a word that reads as none; it is the default where it may be.
        const auto* word = std::get_if<std::string>(&value);
        if (!word || *word != name(DType::unknown)) node.attributes.set(key, value);
      }
      node.source_index = n.source_index;
    }
  }
  return out;
}

}  // namespace qgraph::formats
