// NodeProtos: names to tensors, bodies, Constants as data. A name that nothing makes becomes a finding, and reading goes on.
#include <algorithm>
#include <cctype>

#include "formats/onnx/attributes.hpp"
#include "formats/onnx/reading.hpp"
#include "formats/onnx/schema.hpp"

namespace qgraph::formats::onnx {
namespace {

using source::NodeRef;
using source::TensorRef;

struct NodeMessage {
  std::vector<std::string_view> inputs{}, outputs{};
  std::string_view name{}, op{}, domain{}, overload{};
  bool attributes = false;
};

NodeMessage read_message(Bytes message) {
  NodeMessage n;
  for_each_field(message, [&](const Field& f) {
    if (f.wire != Wire::length) return;
    switch (f.number) {
      case node_field::input: n.inputs.push_back(f.text()); break;
      case node_field::output: n.outputs.push_back(f.text()); break;
      case node_field::name: n.name = f.text(); break;
      case node_field::op_type: n.op = f.text(); break;
      case node_field::domain: n.domain = f.text(); break;
      case node_field::overload: n.overload = f.text(); break;
      case node_field::attribute: n.attributes = true; break;
      default: break;
    }
  });
  return n;
}

/// Bodies, the branch for true first.
void read_bodies(Reading& r, const Scope& scope, const NodeRecord& record, std::vector<std::uint32_t>& bodies) {
  std::vector<std::pair<std::string_view, Bytes>> graphs;
  for (const auto& [name, message] : all_attributes(record))
    for (const Bytes graph : graphs_of(message)) graphs.emplace_back(name, graph);
  std::ranges::stable_sort(graphs, {}, [](const auto& g) { return g.first == "then_branch" ? 0 : 1; });
  for (const auto& [name, graph] : graphs) {
    if (scope.depth + 1 > r.state.budgets.nesting) return r.over_limit("graphs in graphs");
    bodies.push_back(read_graph(r, graph, &scope, *scope.opsets, scope.bindings));
    if (r.stopped) return;
  }
}

/// Letters and digits as they are, all else as '_': what tools that want identifiers make of names.
std::string identifier(std::string_view name) {
  std::string plain(name);
  for (char& c : plain)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return plain;
}

/// The one initializer whose name differs from this in punctuation alone.
TensorRef same_identifier(Reading& r, std::uint32_t graph, std::string_view name) {
  const auto [at, first] = r.initializers_by_identifier.try_emplace(graph);
  if (first) {
    const std::vector<source::SourceTensor>& tensors = r.model.graphs[graph].tensors;
    for (std::uint32_t i = 0; i < tensors.size(); ++i) {
      if (!tensors[i].data.exists() || tensors[i].name.empty()) continue;
      const auto [entry, alone] = at->second.try_emplace(identifier(tensors[i].name), TensorRef{graph, i});
      if (!alone) entry->second = source::no_tensor;
    }
  }
  const auto found = at->second.find(identifier(name));
  return found == at->second.end() ? source::no_tensor : found->second;
}

void report_dangling(Reading& r, NodeRef ref, std::size_t position, std::string_view name) {
  const source::SourceNode& n = r.model[ref];
  Place place = r.model.place(ref);
  place.tensor = name;
  place.input = static_cast<std::int64_t>(position);
  auto& f = add_finding(
      r, "QG4001", Cause::dangling_reference,
      fmt::format("input {} of '{}' ({}) is '{}', which nothing makes", position, r.model.display_name(ref), n.op, name),
      std::move(place));
  f.diagnostic.found = name;
  f.diagnostic.why = "its initializer or the node that made it was removed or renamed";
  f.breaks = {diagnose::Fact::node(ref, diagnose::Aspect::existence)};
  const TensorRef meant = same_identifier(r, ref.graph, name);
  if (!meant) return;
  f.diagnostic.found = "a name that differs in punctuation from an initializer's";
  f.diagnostic.evidence = {fmt::format("read         {}", name), fmt::format("initializer  {}", r.model[meant].name)};
  f.diagnostic.why = "a tool made identifiers of the names of initializers, and left those by which nodes read them";
  f.diagnostic.fix = Fix{
      .id = "read-renamed",
      .confidence = Confidence::likely,
      .description = fmt::format("read initializer '{}', the only one of that name but for punctuation", r.model[meant].name)};
  f.edits = {source::SetInput{ref, static_cast<std::uint32_t>(position), meant}};
}

bool is_constant(const NodeMessage& n) {
  return n.op == "Constant" && domain_name(n.domain) == "ai.onnx" && n.inputs.empty() && n.outputs.size() == 1 &&
         !n.outputs[0].empty();
}

class Nodes {
 public:
  Nodes(Reading& reading, Scope& scope) : r_(reading), scope_(scope) {}

  void define_outputs(const NodeMessage& n) {
    for (const std::string_view name : n.outputs) {
      if (name.empty() || scope_.names.contains(name)) continue;
      const TensorRef ref = add_tensor(r_, scope_, name);
      if (r_.stopped) return;
      scope_.names.emplace(name, ref);
    }
  }

  void read(Bytes message, const NodeMessage& n, std::int64_t file_index) {
    if (++r_.nodes > r_.state.budgets.nodes) return r_.over_limit("nodes");
    const NodeRecord& record = r_.state.nodes.emplace_back(NodeRecord{message, scope_.bindings});
    if (is_constant(n)) {
      const TensorRef value = scope_.names.find(n.outputs[0])->second;
      if (value && set_constant_node(r_, value, record)) return;
    }
    source::SourceNode node;
    node.op = n.op;
    node.domain = domain_name(n.domain);
    const auto opset = scope_.opsets->find(node.domain);
    node.version = opset == scope_.opsets->end() ? 1 : opset->second;
    node.name = scoped_name(r_, scope_, n.name);
    node.attributes = attribute_view(record);
    node.origin = {static_cast<std::uint64_t>(r_.offset_of(message)), message.size()};
    node.file_index = file_index;
    std::vector<std::size_t> dangling;
    for (std::size_t i = 0; i < n.inputs.size(); ++i) {
      node.inputs.push_back(n.inputs[i].empty() ? source::no_tensor : find_name(scope_, n.inputs[i]));
      if (node.inputs.back().dangling()) dangling.push_back(i);
    }
    for (const std::string_view name : n.outputs)
      node.outputs.push_back(name.empty() ? source::no_tensor : scope_.names.find(name)->second);
    if (const Function* function = find_function(r_, node.domain, n.op, n.overload))
      if (dangling.empty()) return read_call(r_, scope_, *function, record, node);
    const NodeRef ref{scope_.graph, static_cast<std::uint32_t>(r_.model.graphs[scope_.graph].nodes.size())};
    r_.model.graphs[scope_.graph].nodes.push_back(std::move(node));
    for (const std::size_t i : dangling) report_dangling(r_, ref, i, n.inputs[i]);
    if (!n.attributes) return;
    std::vector<std::uint32_t> bodies;
    read_bodies(r_, scope_, record, bodies);
    r_.model[ref].bodies = std::move(bodies);
  }

 private:
  Reading& r_;
  Scope& scope_;
};

}  // namespace

void read_nodes(Reading& r, Scope& scope, const std::vector<Bytes>& messages) {
  if (scope.in_function)
    for (const Bytes m : messages) {
      if (m.size() > r.inlined_left) return r.over_limit("bytes of functions' nodes");
      r.inlined_left -= m.size();
    }
  Nodes nodes(r, scope);
  std::vector<NodeMessage> parsed;
  parsed.reserve(messages.size());
  for (const Bytes m : messages) {
    nodes.define_outputs(parsed.emplace_back(read_message(m)));
    if (r.stopped) return;
  }
  const bool stored = scope.prefix.empty();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::size_t before = r.model.graphs[scope.graph].nodes.size();
    nodes.read(messages[i], parsed[i], stored ? static_cast<std::int64_t>(i) : -1);
    if (r.stopped) return;
    if (stored)
      r.state.graphs[scope.graph].nodes.push_back(
          {messages[i], static_cast<std::uint32_t>(r.model.graphs[scope.graph].nodes.size() - before)});
  }
}

}  // namespace qgraph::formats::onnx
