// Collecting an Overview.
#include "cli/overview.hpp"

#include <algorithm>

#include "ops/op_def.hpp"
#include "source/uses.hpp"

namespace qgraph::cli {
namespace {

std::string dtype_word(const source::SourceTensor& tensor, bool scaled) {
  if (tensor.dtype == DType::unknown) return tensor.unknown_dtype.empty() ? "unknown" : std::string(tensor.unknown_dtype);
  const DType q = scaled ? quantized(tensor.dtype) : DType::unknown;
  return std::string(name(q == DType::unknown ? tensor.dtype : q));
}

TensorLine line_of(const source::Model& model, const source::Uses& uses, source::TensorRef t) {
  const source::SourceTensor& tensor = model[t];
  const source::QuantizationSite* site = source::site_of(model, uses, t);
  TensorLine line{.name = model.display_name(t),
                  .dtype = dtype_word(tensor, site && site->scales.known),
                  .shape = tensor.shape.to_string(),
                  .index = tensor.file_index >= 0 ? tensor.file_index : std::int64_t{t.index},
                  .graph = t.graph,
                  .bytes = tensor.data.bytes.bytes.size()};
  line.role = tensor.data.exists()      ? "constant"
              : tensor.state            ? "state"
              : uses.is_graph_input(t)  ? "input"
              : uses.is_graph_output(t) ? "output"
                                        : "value";
  if (site) {
    line.scales = site->scales.values;
    for (const double z : site->zero_points.values) line.zero_points.push_back(static_cast<std::int64_t>(z));
    line.axis = site->axis;
    line.block_size = site->block_size;
  }
  return line;
}

Overview of_source(const source::Model& model) {
  Overview o{.format = std::string(model.format),
             .producer = std::string(model.producer),
             .format_version = model.format_version,
             .file_bytes = model.file.bytes.size(),
             .graphs = model.graphs.size()};
  const source::Uses uses(model);
  for (std::uint32_t g = 0; g < model.graphs.size(); ++g) {
    o.nodes += model.graphs[g].nodes.size();
    for (std::uint32_t t = 0; t < model.graphs[g].tensors.size(); ++t) {
      o.tensors.push_back(line_of(model, uses, {g, t}));
      o.constant_bytes += o.tensors.back().bytes;
    }
    for (const source::SourceNode& node : model.graphs[g].nodes) {
      const OpRow* row = source::row_of(model, node);
      source::TensorRef primary = row ? source::operand(model, node, *row, "weights") : source::no_tensor;
      for (const source::TensorRef t : node.inputs)
        if (!primary && t) primary = t;
      const source::QuantizationSite* site = primary ? source::site_of(model, uses, primary) : nullptr;
      ++o.ops[std::string(node.op) + (primary ? ":" + dtype_word(model[primary], site && site->scales.known) : "")];
    }
  }
  if (!model.graphs.empty()) {
    for (const source::TensorRef t : model.graphs[0].inputs)
      if (t) o.inputs.push_back(line_of(model, uses, t));
    for (const source::TensorRef t : model.graphs[0].outputs)
      if (t) o.outputs.push_back(line_of(model, uses, t));
  }
  for (const source::SourceSignature& s : model.signatures) o.signatures.emplace_back(s.name);
  return o;
}

TensorLine line_of(const Graph& graph, TensorId id, std::int64_t graph_index) {
  const GraphTensor& tensor = graph[id];
  const auto is = [&](std::span<const TensorId> list) { return std::ranges::find(list, id) != list.end(); };
  TensorLine line{.name = tensor.name,
                  .dtype = std::string(name(tensor.type.dtype())),
                  .shape = tensor.type.shape.to_string(),
                  .role = tensor.constant       ? "constant"
                          : tensor.state        ? "state"
                          : is(graph.inputs())  ? "input"
                          : is(graph.outputs()) ? "output"
                                                : "value",
                  .index = id.value,
                  .graph = graph_index,
                  .bytes = tensor.data.bytes.size()};
  if (const Quantization* q = tensor.type.quantization()) {
    line.scales.assign(q->scales.begin(), q->scales.end());
    line.zero_points = q->zero_points;
    line.axis = q->axis;
    line.block_size = q->block_size;
  }
  return line;
}

Overview of_graph(const Model& model, std::uint64_t file_bytes) {
  Overview o{.format = model.data().format, .file_bytes = file_bytes, .graphs = model.graphs().size()};
  for (std::size_t g = 0; g < model.graphs().size(); ++g) {
    const Graph& graph = model.graphs()[g];
    o.nodes += graph.nodes().size();
    for (std::uint32_t t = 0; t < graph.tensors().size(); ++t) {
      o.tensors.push_back(line_of(graph, TensorId{t}, static_cast<std::int64_t>(g)));
      o.constant_bytes += o.tensors.back().bytes;
    }
    for (const Node& node : graph.nodes()) {
      const auto primary = static_cast<std::size_t>(node.op ? node.op->primary : 0);
      const bool given = primary < node.inputs.size() && node.inputs[primary];
      ++o.ops[std::string(node.op_name()) + (given ? ":" + std::string(name(graph[node.inputs[primary]].type.dtype())) : "")];
    }
  }
  for (const TensorId id : model.main().inputs()) o.inputs.push_back(line_of(model.main(), id, 0));
  for (const TensorId id : model.main().outputs()) o.outputs.push_back(line_of(model.main(), id, 0));
  for (const Signature& s : model.signatures()) o.signatures.push_back(s.name);
  return o;
}

}  // namespace

std::optional<Overview> overview_of(const Opened& opened) {
  if (opened.source) return of_source(*opened.source);
  if (opened.graph && !opened.graph->empty()) return of_graph(*opened.graph, opened.file.bytes.size());
  return std::nullopt;
}

}  // namespace qgraph::cli
