// Nodes that no kernel runs.
#include "load/kernel_gaps.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "ops/op_def.hpp"

namespace qgraph {
namespace {

/// The dtype of an operand; nothing while it is not known. `unknown` where the operand is left out.
std::optional<DType> dtype_of(const Graph& graph, const Node& node, int operand) {
  const auto i = static_cast<std::size_t>(operand);
  if (operand < 0 || i >= node.inputs.size() || !node.inputs[i]) return DType::unknown;
  const DType dtype = graph[node.inputs[i]].type.dtype();
  return dtype == DType::unknown ? std::nullopt : std::optional(dtype);
}

std::string words(DType primary, DType secondary) {
  std::string text(primary == DType::unknown ? "any" : name(primary));
  if (secondary != DType::unknown) text += fmt::format(" x {}", name(secondary));
  return text;
}

}  // namespace

void report_kernel_gaps(const Model& model, const source::Model& stored, diagnose::Findings& findings) {
  for (std::uint32_t g = 0; g < model.graphs().size(); ++g) {
    const Graph& graph = model.graphs()[g];
    for (const Node& node : graph.nodes()) {
      if (node.host || !node.op || node.op->reference.empty()) continue;
      const auto primary = dtype_of(graph, node, node.op->primary), secondary = dtype_of(graph, node, node.op->secondary);
      if (!primary || !secondary) continue;
      const auto fits = [&](const KernelDef& row) {
        return (row.primary == DType::unknown || row.primary == *primary) &&
               (row.secondary == DType::unknown || row.secondary == *secondary);
      };
      if (std::ranges::any_of(node.op->reference, fits)) continue;
      diagnose::Finding f{};
      Diagnostic& d = f.diagnostic;
      d.code = "QG2301";
      d.cause = Cause::unsupported_dtype;
      d.found = words(*primary, *secondary);
      d.headline = fmt::format("{} has no kernel for {}", node.op->name, d.found);
      for (const KernelDef& row : node.op->reference) {
        const std::string word = words(row.primary, row.secondary);
        if (d.expected.find(word) == std::string::npos) d.expected += (d.expected.empty() ? "" : ", ") + word;
      }
      d.why = "the model loads, and can be inspected and written, but not run";
      const source::NodeRef ref{g, static_cast<std::uint32_t>(node.source_index)};
      if (node.source_index >= 0 && g < stored.graphs.size() && ref.index < stored.graphs[g].nodes.size()) {
        d.places.push_back(stored.place(ref));
        f.rests_on = diagnose::facts_around(stored, ref);
      }
      f.phase = diagnose::Phase::agreement;
      findings.add(std::move(f));
    }
  }
}

}  // namespace qgraph
