// The index over a model, and the search for an operand's quantization.
#include "source/uses.hpp"

#include <algorithm>

#include "core/text_order.hpp"
#include "source/operand_site.hpp"

namespace qgraph::source {

Uses::Uses(const Model& model) {
  entries_.resize(model.graphs.size());
  for (std::size_t g = 0; g < model.graphs.size(); ++g) entries_[g].resize(model.graphs[g].tensors.size());
  const auto entry = [&](TensorRef t) { return const_cast<Entry*>(find(t)); };

  for (std::uint32_t g = 0; g < model.graphs.size(); ++g) {
    const SourceGraph& graph = model.graphs[g];
    for (std::uint32_t n = 0; n < graph.nodes.size(); ++n) {
      for (const TensorRef t : graph.nodes[n].outputs)
        if (Entry* e = entry(t); e && !e->producer) e->producer = {g, n};
      for (std::uint32_t i = 0; i < graph.nodes[n].inputs.size(); ++i)
        if (Entry* e = entry(graph.nodes[n].inputs[i])) e->consumers.push_back({{g, n}, i});
    }
    for (const TensorRef t : graph.inputs)
      if (Entry* e = entry(t)) e->input = true;
    for (const TensorRef t : graph.outputs)
      if (Entry* e = entry(t)) e->output = true;
  }
  for (std::uint32_t s = 0; s < model.sites.size(); ++s) {
    if (Entry* e = entry(model.sites[s].stored)) e->sites.push_back(s);
    if (model.sites[s].real != model.sites[s].stored)
      if (Entry* e = entry(model.sites[s].real)) e->sites.push_back(s);
  }
}

const Uses::Entry* Uses::find(TensorRef t) const {
  return t && t.graph < entries_.size() && t.index < entries_[t.graph].size() ? &entries_[t.graph][t.index] : nullptr;
}

NodeRef Uses::producer(TensorRef t) const {
  const Entry* e = find(t);
  return e ? e->producer : NodeRef{};
}

std::span<const Uses::Use> Uses::consumers(TensorRef t) const {
  const Entry* e = find(t);
  return e ? std::span<const Use>(e->consumers) : std::span<const Use>{};
}

bool Uses::is_graph_input(TensorRef t) const {
  const Entry* e = find(t);
  return e && e->input;
}

bool Uses::is_graph_output(TensorRef t) const {
  const Entry* e = find(t);
  return e && e->output;
}

std::span<const std::uint32_t> Uses::sites(TensorRef t) const {
  const Entry* e = find(t);
  return e ? std::span<const std::uint32_t>(e->sites) : std::span<const std::uint32_t>{};
}

const OpRow* row_of(const Model& model, const SourceNode& node) {
  auto row = lower_bound_of_text(model.op_rows, node.op, &OpRow::op);
  for (; row != model.op_rows.end() && row->op == node.op; ++row)
    if (row->domain == node.domain) return &*row;
  return nullptr;
}

TensorRef operand(const Model&, const SourceNode& node, const OpRow& row, std::string_view role) {
  if (!node.input_names.empty()) {
    const auto named = std::ranges::find(node.input_names, role);
    if (named != node.input_names.end()) {
      const auto i = static_cast<std::size_t>(named - node.input_names.begin());
      return i < node.inputs.size() ? node.inputs[i] : no_tensor;
    }
    // Some operands are named, and this is not among them; where none is, position counts.
    if (std::ranges::any_of(node.input_names, [](std::string_view n) { return !n.empty(); })) return no_tensor;
  }
  const auto i = operand_position(row.operands, role);
  return i && *i < node.inputs.size() ? node.inputs[*i] : no_tensor;
}

const QuantizationSite* site(const Model& model, const Uses& uses, NodeRef ref, std::string_view role) {
  const OpRow* row = row_of(model, model[ref]);
  return row ? site_of_operand(model, uses, ref, operand(model, model[ref], *row, role)) : nullptr;
}

const QuantizationSite* site_of_operand(const Model& model, const Uses& uses, NodeRef ref, TensorRef tensor) {
  if (!tensor) return nullptr;
  const QuantizationSite* found = nullptr;
  for (const std::uint32_t s : uses.sites(tensor)) {
    const QuantizationSite& candidate = model.sites[s];
    // What the node itself says of its operand comes first (QLinearConv), then what stands beside the tensor, then what the
    // node that made it says (the Q of a Q/DQ pair, the DQ behind which the integers lie).
    if (candidate.node == ref && candidate.where != Where::tensor && candidate.stored == tensor) return &candidate;
    if (candidate.node && candidate.where != Where::tensor && candidate.node != uses.producer(tensor)) continue;
    if (!found || (found->where != Where::tensor && candidate.where == Where::tensor)) found = &candidate;
  }
  if (found) return found;

  const NodeRef producer = uses.producer(tensor);
  if (!producer) return nullptr;
  const SourceNode& maker = model[producer];
  if ((maker.op == "DEQUANTIZE" || maker.op == "DequantizeLinear" || maker.op == "dequantize") && !maker.inputs.empty())
    return site_of(model, uses, maker.inputs[0]);
  return nullptr;
}

const QuantizationSite* site_of(const Model& model, TensorRef tensor) {
  if (!tensor) return nullptr;
  const auto s = std::ranges::find(model.sites, tensor, &QuantizationSite::stored);
  return s == model.sites.end() ? nullptr : &*s;
}

const QuantizationSite* site_of(const Model& model, const Uses& uses, TensorRef tensor) {
  for (const std::uint32_t s : uses.sites(tensor))
    if (model.sites[s].stored == tensor) return &model.sites[s];
  return nullptr;
}

}  // namespace qgraph::source
