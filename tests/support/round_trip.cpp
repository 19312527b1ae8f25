// Writes, loads, and compares everything that a Model holds.
#include "support/round_trip.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <bit>
#include <fstream>

#include "formats/format.hpp"
#include "support/files.hpp"

namespace qgraph::test {
namespace {

bool same_bytes(const Buffer& a, const Buffer& b) { return std::ranges::equal(a.bytes, b.bytes); }

bool same(const AttributeValue& a, const AttributeValue& b) {
  if (a.index() != b.index()) return false;
  if (const auto* x = std::get_if<double>(&a))
    return std::bit_cast<std::uint64_t>(*x) == std::bit_cast<std::uint64_t>(std::get<double>(b));
  if (const auto* x = std::get_if<Tensor>(&a))
    return x->type == std::get<Tensor>(b).type && same_bytes(x->data, std::get<Tensor>(b).data);
  return std::visit(
      [&](const auto& x) {
        using T = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<T, Tensor>)
          return true;
        else
          return x == std::get<T>(b);
      },
      a);
}

std::string difference(const GraphTensor& a, const GraphTensor& b) {
  if (a.name != b.name) return fmt::format("name '{}' and '{}'", a.name, b.name);
  if (!(a.type == b.type)) return fmt::format("type {} and {}", a.type.to_string(), b.type.to_string());
  if (a.constant != b.constant || a.state != b.state) return "kind";
  if (a.source_index != b.source_index) return fmt::format("source index {} and {}", a.source_index, b.source_index);
  return same_bytes(a.data, b.data) ? "" : "data";
}

std::string difference(const Node& a, const Node& b) {
  if (a.op != b.op) return fmt::format("op {} and {}", a.op_name(), b.op_name());
  if (a.name != b.name) return fmt::format("name '{}' and '{}'", a.name, b.name);
  if (a.inputs != b.inputs || a.outputs != b.outputs || a.bodies != b.bodies) return "operands";
  if (a.source_index != b.source_index) return "source index";
  const Attributes x = a.all_attributes(), y = b.all_attributes();
  if (x.size() != y.size()) return "number of attributes";
  for (const auto& [key, value] : x)
    if (!y.find(key) || !same(value, *y.find(key))) return "attribute " + key;
  return {};
}

std::string difference(const Graph& a, const Graph& b) {
  if (a.name() != b.name()) return fmt::format("name '{}' and '{}'", a.name(), b.name());
  if (a.tensors().size() != b.tensors().size()) return fmt::format("{} and {} tensors", a.tensors().size(), b.tensors().size());
  if (a.nodes().size() != b.nodes().size()) return fmt::format("{} and {} nodes", a.nodes().size(), b.nodes().size());
  if (!std::ranges::equal(a.inputs(), b.inputs()) || !std::ranges::equal(a.outputs(), b.outputs())) return "inputs or outputs";
  for (std::size_t i = 0; i < a.tensors().size(); ++i)
    if (const std::string s = difference(a.tensors()[i], b.tensors()[i]); !s.empty()) return fmt::format("tensor {}: {}", i, s);
  for (std::size_t i = 0; i < a.nodes().size(); ++i)
    if (const std::string s = difference(a.nodes()[i], b.nodes()[i]); !s.empty()) return fmt::format("node {}: {}", i, s);
  return {};
}

bool same(const Signature& a, const Signature& b) {
  return a.name == b.name && a.graph == b.graph && a.inputs == b.inputs && a.outputs == b.outputs &&
         a.input_positions == b.input_positions && a.output_positions == b.output_positions;
}

}  // namespace

LoadResult round_trip(const Model& model, std::string_view extension) {
  // As save() writes, but without waiting for the disk: this runs for every case of the matrix.
  const Result<std::vector<std::byte>> bytes = find_format(extension.substr(1))->write(model);
  if (!bytes) return {.report = bytes.error()};
  const ScratchFolder folder;
  const auto file = folder.path() / ("model" + std::string(extension));
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes->data()), static_cast<std::streamsize>(bytes->size()));
  return try_load_graph(file);
}

std::string difference(const Model& a, const Model& b) {
  if (a.empty() || b.empty()) return a.empty() == b.empty() ? "" : "one is empty";
  const Model::Data &x = a.data(), &y = b.data();
  if (x.graphs.size() != y.graphs.size()) return "number of graphs";
  for (std::size_t i = 0; i < x.graphs.size(); ++i)
    if (const std::string s = difference(x.graphs[i], y.graphs[i]); !s.empty()) return fmt::format("graph {}: {}", i, s);
  if (!std::ranges::equal(x.signatures, y.signatures, [](const auto& s, const auto& t) { return same(s, t); }))
    return "signatures";
  if (!std::ranges::equal(x.variables, y.variables,
                          [](const auto& s, const auto& t) { return s.name == t.name && s.type == t.type; }))
    return "variables";
  if (x.metadata != y.metadata) return "metadata";
  return x.format == y.format ? "" : "format";
}

}  // namespace qgraph::test
