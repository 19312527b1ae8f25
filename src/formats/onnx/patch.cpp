// Edits of nodes, interfaces and versions; patch_tensors.cpp has those of tensors.
#include "formats/onnx/patch.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "formats/onnx/encode.hpp"
#include "formats/onnx/reading.hpp"
#include "formats/onnx/schema.hpp"

namespace qgraph::formats::onnx {
namespace {

using source::NodeRef;
using source::TensorRef;

std::string_view stored_domain(std::string_view domain) { return domain == "ai.onnx" ? std::string_view{} : domain; }

}  // namespace

Patch::Patch(const source::Model& model) : state_(state_of(model)), now_(model), file_(state_.file.bytes) {
  for (const StoredGraph& g : state_.graphs) {
    Part* part = file_.locate(g.message);
    graphs_.push_back(part);
    auto& nodes = nodes_.emplace_back();
    if (!part) continue;
    const std::vector<Part*> stored = MessageEdit::open(*part).all(graph_field::node);
    for (std::size_t i = 0; i < g.nodes.size(); ++i) {
      // A call of a function stands for its nodes: they are no messages of this graph.
      const bool plain = g.nodes[i].nodes == 1 && i < stored.size() &&
                         nodes.size() < model.graphs[nodes_.size() - 1].nodes.size() &&
                         model.graphs[nodes_.size() - 1].nodes[nodes.size()].file_index >= 0;
      for (std::uint32_t k = 0; k < g.nodes[i].nodes; ++k) nodes.push_back(plain ? stored[i] : nullptr);
    }
  }
}

MessageEdit* Patch::graph(std::uint32_t g) {
  if (g < graphs_.size() && graphs_[g]) return &MessageEdit::open(*graphs_[g]);
  refuse(fmt::format("graph {} is not a message of the file", g));
  return nullptr;
}

MessageEdit* Patch::node(NodeRef n) {
  if (n.graph < nodes_.size() && n.index < nodes_[n.graph].size() && nodes_[n.graph][n.index])
    return &MessageEdit::open(*nodes_[n.graph][n.index]);
  refuse(fmt::format("'{}' lies in a function, which all its calls share", now_.display_name(n)));
  return nullptr;
}

std::string Patch::name_of(TensorRef t) {
  if (!t) return {};
  return std::string(now_[t].name);
}

void Patch::make(const source::SetAttribute& e) {
  MessageEdit* n = node(e.node);
  if (!n) return;
  Part* stored = nullptr;
  for (Part* p : n->all(node_field::attribute))
    if (MessageEdit::open(*p).text(attribute_field::name) == e.name) stored = p;
  if (!e.value) {
    if (stored) n->remove(stored);
    return;
  }
  write_attribute(stored ? MessageEdit::open(*stored) : n->add_message(node_field::attribute), e.name, *e.value);
}

void Patch::make(const source::SetInput& e) {
  MessageEdit* n = node(e.node);
  if (!n) return;
  std::vector<std::string> inputs;
  for (Part* p : n->all(node_field::input)) inputs.emplace_back(p->text());
  if (e.input >= inputs.size()) inputs.resize(std::size_t{e.input} + 1);
  inputs[e.input] = name_of(e.tensor);
  n->set_texts(node_field::input, inputs);
}

void Patch::make(const source::SetOp& e) {
  MessageEdit* n = node(e.node);
  if (!n) return;
  n->set_text(node_field::op_type, e.op);
  const std::string_view domain = stored_domain(e.domain);
  if (domain.empty())
    n->remove(node_field::domain);
  else
    n->set_text(node_field::domain, domain);
}

void Patch::make(const source::SetVersion& e) {
  if (now_[e.node].version != e.version) refuse("ONNX's ops have no versions of their own: they follow from the opset");
}

void Patch::make(const source::SetDomainVersion& e) {
  Part* found = nullptr;
  for (Part* p : file_.all(model_field::opset_import))
    if (domain_name(MessageEdit::open(*p).text(1)) == e.domain) found = p;
  if (e.version == 0) {
    if (found) file_.remove(found);
    return;
  }
  MessageEdit& opset = found ? MessageEdit::open(*found) : file_.add_message(model_field::opset_import);
  if (!found) opset.set_text(1, stored_domain(e.domain));
  opset.set_integer(2, e.version);
}

void Patch::make(const source::AddNode& e) {
  MessageEdit* g = graph(e.graph);
  if (!g) return;
  auto part = std::make_unique<Part>();
  part->number = graph_field::node;
  MessageEdit& n = MessageEdit::open(*part);
  for (const TensorRef t : e.node.inputs) n.add_text(node_field::input, name_of(t));
  for (const TensorRef t : e.node.outputs) n.add_text(node_field::output, name_of(t));
  if (!e.node.name.empty()) n.add_text(node_field::name, e.node.name);
  n.add_text(node_field::op_type, e.node.op);
  if (const auto domain = stored_domain(e.node.domain); !domain.empty()) n.add_text(node_field::domain, domain);
  for (const std::string& name : now_.attribute_names(e.node))
    if (const auto value = now_.attribute(e.node, name)) write_attribute(n.add_message(node_field::attribute), name, *value);

  auto& nodes = nodes_[e.graph];
  const auto at = std::min<std::size_t>(e.before, nodes.size());
  // Behind the nearest node before it that is a message of this graph; else before all.
  Part* before = nullptr;
  for (std::size_t i = at; i < nodes.size() && !before; ++i) before = nodes[i];
  auto& parts = g->parts();
  auto place = before ? std::ranges::find_if(parts, [&](const auto& p) { return p.get() == before; }) : parts.end();
  nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(at), part.get());
  parts.insert(place, std::move(part));
}

void Patch::make(const source::RemoveNode& e) {
  MessageEdit* g = graph(e.node.graph);
  if (!g || !node(e.node)) return;
  auto& nodes = nodes_[e.node.graph];
  g->remove(nodes[e.node.index]);
  nodes.erase(nodes.begin() + e.node.index);
}

void Patch::make(const source::MoveNode& e) {
  MessageEdit* g = graph(e.node.graph);
  if (!g || !node(e.node)) return;
  auto& nodes = nodes_[e.node.graph];
  auto& parts = g->parts();
  Part* moved = nodes[e.node.index];
  const auto from = std::ranges::find_if(parts, [&](const auto& p) { return p.get() == moved; });
  std::unique_ptr<Part> part = std::move(*from);
  parts.erase(from);
  nodes.erase(nodes.begin() + e.node.index);
  const auto to = std::min<std::size_t>(e.to, nodes.size());
  Part* before = nullptr;
  for (std::size_t i = to; i < nodes.size() && !before; ++i) before = nodes[i];
  nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(to), moved);
  parts.insert(before ? std::ranges::find_if(parts, [&](const auto& p) { return p.get() == before; }) : parts.end(),
               std::move(part));
}

void Patch::set_interface(std::uint32_t g, std::uint32_t field, std::uint32_t position, TensorRef t) {
  MessageEdit* message = graph(g);
  if (!message) return;
  // Inputs that have an initializer are no inputs.
  std::vector<Part*> listed;
  for (Part* p : message->all(field)) {
    const std::string name = MessageEdit::open(*p).text(1);
    const auto& tensors = now_.graphs[g].tensors;
    const bool constant = field == graph_field::input &&
                          std::ranges::any_of(tensors, [&](const auto& s) { return s.name == name && s.data.exists(); });
    if (!constant) listed.push_back(p);
  }
  if (position > listed.size()) return refuse("an interface has no holes");
  if (!t) return refuse("an interface is made of tensors");
  MessageEdit* info = position < listed.size() ? &MessageEdit::open(*listed[position]) : &message->add_message(field);
  if (position < listed.size() && info->text(1) != name_of(t)) {
    // What it was keeps its declaration.
    const std::vector<std::byte> old = info->encode();
    message->add_bytes(graph_field::value_info, old);
    info = &MessageEdit::open(*listed[position]);
  }
  info->parts().clear();
  info->set_text(1, name_of(t));
  const source::SourceTensor& tensor = now_[t];
  if (tensor.dtype == DType::unknown) return;
  write_dtype(*info, tensor.dtype);
  write_shape(*info, tensor.shape);
}

void Patch::make(const source::SetGraphInput& e) { set_interface(e.graph, graph_field::input, e.position, e.tensor); }
void Patch::make(const source::SetGraphOutput& e) { set_interface(e.graph, graph_field::output, e.position, e.tensor); }
void Patch::make(const source::SetFileVersion& e) { file_.set_integer(model_field::ir_version, e.version); }

Result<std::vector<std::byte>> patch(const source::Model& model, std::span<const source::Edit> edits) {
  Patch p(model);
  for (const source::Edit& edit : edits) {
    std::visit([&](const auto& e) { p.make(e); }, edit);
    if (!p.trouble.empty())
      return failure("QG1017", Cause::unsupported_version,
                     "the change cannot be written into the file: " + source::describe(p.now(), edit), p.trouble);
    p.follow(edit);
  }
  return p.bytes();
}

}  // namespace qgraph::formats::onnx
