// Nodes, the interfaces of graphs, signatures and metadata. A reference to what is not there becomes a finding, and reading goes
// on.
#include <algorithm>

#include "formats/tflite/attributes.hpp"
#include "formats/tflite/bodies.hpp"
#include "formats/tflite/reading.hpp"

namespace qgraph::formats::tflite {
namespace {

using diagnose::Aspect;
using diagnose::Fact;
using source::NodeRef;
using source::TensorRef;

/// What a list of tensor indices means in a graph; `bad` gets the positions of those that the graph does not have.
std::vector<TensorRef> references(Reading& r, std::uint32_t graph, const flatbuffers::Vector<std::int32_t>* list,
                                  std::vector<std::pair<std::size_t, std::int32_t>>& bad) {
  const std::size_t tensors = r.model.graphs[graph].tensors.size();
  std::vector<TensorRef> out;
  for (const std::int32_t i : r.list(list)) {
    if (i == -1) {
      out.push_back(source::no_tensor);
    } else if (i >= 0 && static_cast<std::size_t>(i) < tensors) {
      out.push_back({graph, static_cast<std::uint32_t>(i)});
    } else {
      bad.emplace_back(out.size(), i);
      out.push_back(source::dangling_tensor(graph));
    }
  }
  return out;
}

using Bad = std::vector<std::pair<std::size_t, std::int32_t>>;

void report_bad(Reading& r, NodeRef node, const Bad& bad, std::string_view what, std::string_view code) {
  const std::size_t tensors = r.model.graphs[node.graph].tensors.size();
  for (const auto& [position, index] : bad) {
    const source::SourceNode& n = r.model[node];
    auto& f = add_finding(r, code, Cause::dangling_reference,
                          fmt::format("{} {} of '{}' ({}) is tensor {}, the graph has {}", what, position,
                                      r.model.display_name(node), n.op, index, tensors),
                          r.model.place(node));
    f.diagnostic.expected = fmt::format("a tensor below {}", tensors);
    f.diagnostic.found = fmt::format("{}", index);
    f.breaks = {Fact::node(node, Aspect::existence)};
  }
}

/// Op, domain and version by the op code.
void read_op(Reading& r, source::SourceNode& node, const schema::OperatorCode& code) {
  // Old writers know only the first field, which holds no more than 127; new ones set both.
  const auto number =
      std::max(static_cast<std::int32_t>(code.deprecated_builtin_code()), static_cast<std::int32_t>(code.builtin_code()));
  const auto builtin = static_cast<schema::BuiltinOperator>(number);
  node.version = code.version();
  if (builtin == schema::BuiltinOperator::CUSTOM) {
    node.domain = "tflite.custom";
    node.op = text(code.custom_code());
    return;
  }
  node.domain = "tflite";
  const char* known = schema::EnumNameBuiltinOperator(builtin);
  node.op = *known ? std::string_view(known) : r.model.keep(fmt::format("builtin operator {}", number));
}

void read_bodies(Reading& r, NodeRef ref, const StoredOptions& options) {
  if (!options.type) return;
  for (const std::int64_t body : body_indices(options)) {
    if (body >= 0 && static_cast<std::size_t>(body) < r.model.graphs.size()) {
      r.model[ref].bodies.push_back(static_cast<std::uint32_t>(body));
      continue;
    }
    r.model[ref].bodies.push_back(NodeRef{}.graph);
    auto& f = add_finding(r, "QG4005", Cause::dangling_reference,
                          fmt::format("'{}' ({}) names graph {}, the file has {}", r.model.display_name(ref), r.model[ref].op,
                                      body, r.model.graphs.size()),
                          r.model.place(ref));
    f.diagnostic.expected = fmt::format("a graph below {}", r.model.graphs.size());
    f.diagnostic.found = fmt::format("{}", body);
    f.breaks = {Fact::node(ref, Aspect::existence)};
  }
}

void read_node(Reading& r, std::uint32_t graph, const schema::Operator& op) {
  auto& nodes = r.model.graphs[graph].nodes;
  const NodeRef ref{graph, static_cast<std::uint32_t>(nodes.size())};
  source::SourceNode node;
  Bad bad_inputs, bad_outputs, bad_intermediates;
  node.inputs = references(r, graph, op.inputs(), bad_inputs);
  node.outputs = references(r, graph, op.outputs(), bad_outputs);
  node.intermediates = references(r, graph, op.intermediates(), bad_intermediates);
  node.raw_options = custom_options(op, r.state.file.bytes);
  node.origin = {static_cast<std::uint64_t>(r.offset_of(&op)), 0};
  node.file_index = ref.index;
  node.opcode_index = op.opcode_index();
  const StoredOptions options = stored_options(op);
  node.attributes = attribute_view(op, options);
  if (options.type) {
    node.options_kind = options.kind;
  } else if (op.builtin_options() || op.builtin_options_2()) {
    const bool first = op.builtin_options() != nullptr;
    const int member = first ? static_cast<int>(op.builtin_options_type()) : static_cast<int>(op.builtin_options_2_type());
    node.options_kind = r.model.keep(fmt::format("options {}{}", first ? "" : "2.", member));
  }
  const auto* codes = r.root.operator_codes();
  const std::uint32_t code_count = codes ? codes->size() : 0;
  const bool known_code = op.opcode_index() < code_count;
  if (known_code)
    read_op(r, node, *codes->Get(op.opcode_index()));
  else
    node.domain = "tflite";
  nodes.push_back(std::move(node));

  if (!known_code) {
    auto& f = add_finding(
        r, "QG4004", Cause::dangling_reference,
        fmt::format("'{}' names op code {}, the file has {}", r.model.display_name(ref), op.opcode_index(), code_count),
        r.model.place(ref));
    f.diagnostic.expected = fmt::format("an op code below {}", code_count);
    f.diagnostic.found = fmt::format("{}", op.opcode_index());
    if (options.type) f.diagnostic.evidence.push_back(fmt::format("its options are {}", options.kind));
    f.breaks = {Fact::node(ref, Aspect::existence)};
  }
  report_bad(r, ref, bad_inputs, "input", "QG4001");
  report_bad(r, ref, bad_outputs, "output", "QG4002");
  report_bad(r, ref, bad_intermediates, "intermediate", "QG4002");
  if (op.large_custom_options_offset() > 1 && r.model[ref].raw_options.empty() && op.large_custom_options_size() > 0) {
    auto& f =
        add_finding(r, "QG1014", Cause::unreadable_file,
                    fmt::format("the custom options of '{}' lie outside of the file: {} bytes at byte {}",
                                r.model.display_name(ref), op.large_custom_options_size(), op.large_custom_options_offset()),
                    r.model.place(ref));
    f.breaks = {Fact::node(ref, Aspect::attributes)};
  }
  read_bodies(r, ref, options);
}

void read_interface(Reading& r, std::uint32_t graph, const flatbuffers::Vector<std::int32_t>* list, std::vector<TensorRef>& out,
                    std::string_view what) {
  Bad bad;
  out = references(r, graph, list, bad);
  // Left out is not a thing that an interface can be.
  for (std::size_t i = 0; i < out.size(); ++i)
    if (out[i] == source::no_tensor) {
      out[i] = source::dangling_tensor(graph);
      bad.emplace_back(i, -1);
    }
  for (const auto& [position, index] : bad) {
    const std::size_t tensors = r.model.graphs[graph].tensors.size();
    auto& f = add_finding(r, "QG4006", Cause::dangling_reference,
                          fmt::format("{} {} of graph {} is tensor {}, the graph has {}", what, position, graph, index, tensors),
                          {.graph = graph});
    f.diagnostic.expected = fmt::format("a tensor below {}", tensors);
    f.diagnostic.found = fmt::format("{}", index);
  }
}

bool is_text(std::string_view s) {
  return std::ranges::all_of(s, [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u >= 0x20 || c == '\n' || c == '\r' || c == '\t';
  });
}

}  // namespace

void read_nodes(Reading& r, std::uint32_t graph) {
  const schema::SubGraph& stored = *r.root.subgraphs()->Get(graph);
  source::SourceGraph& g = r.model.graphs[graph];
  g.name = text(stored.name());
  if (stored.operators()) {
    g.nodes.reserve(stored.operators()->size());
    for (const schema::Operator* op : *stored.operators()) {
      if (r.stopped) return;
      read_node(r, graph, *op);
    }
  }
  read_interface(r, graph, stored.inputs(), g.inputs, "input");
  read_interface(r, graph, stored.outputs(), g.outputs, "output");
}

void read_signatures(Reading& r) {
  if (!r.root.signature_defs()) return;
  for (const schema::SignatureDef* s : *r.root.signature_defs()) {
    source::SourceSignature signature{.name = text(s->signature_key()), .graph = s->subgraph_index()};
    const auto complain = [&](std::string_view code, std::string headline) {
      auto& f = add_finding(r, code, Cause::dangling_reference, std::move(headline), {});
      f.diagnostic.severity = Severity::warning;
      f.diagnostic.why = "the graph runs without it; callers that use the signature cannot";
    };
    if (s->subgraph_index() >= r.model.graphs.size()) {
      complain("QG4005", fmt::format("signature '{}' names graph {}, the file has {}", signature.name, s->subgraph_index(),
                                     r.model.graphs.size()));
      continue;
    }
    bool sound = true;
    const std::size_t tensors = r.model.graphs[signature.graph].tensors.size();
    const auto read_map = [&](const auto* map, auto& out) {
      if (!map || !r.spend(map->size())) return;
      for (const schema::TensorMap* m : *map) {
        if (m->tensor_index() < tensors) {
          out.emplace_back(text(m->name()), TensorRef{signature.graph, m->tensor_index()});
          continue;
        }
        sound = false;
        complain("QG4007", fmt::format("'{}' of signature '{}' is tensor {}, its graph has {}", text(m->name()), signature.name,
                                       m->tensor_index(), tensors));
      }
    };
    read_map(s->inputs(), signature.inputs);
    read_map(s->outputs(), signature.outputs);
    if (sound) r.model.signatures.push_back(std::move(signature));
  }
}

void read_metadata(Reading& r) {
  if (!text(r.root.description()).empty() && text(r.root.description()).size() < (1U << 16))
    r.model.metadata["description"] = text(r.root.description());
  if (!r.root.metadata()) return;
  for (const schema::Metadata* m : *r.root.metadata()) {
    const auto data = buffer_data(r, m->buffer(), {});
    if (!data || data->bytes.size() > (1U << 16) || !r.spend(data->bytes.size())) continue;
    std::string_view value(reinterpret_cast<const char*>(data->bytes.data()), data->bytes.size());
    value = value.substr(0, value.find_last_not_of('\0') + 1);  // versions are padded with zeros
    if (is_text(value)) r.model.metadata[std::string(text(m->name()))] = value;
  }
}

}  // namespace qgraph::formats::tflite
