// What the tests of the TFLite reader and patch share: the models of tests/data, reading from memory, a model as text.
#pragma once

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "formats/format.hpp"
#include "source/uses.hpp"
#include "support/files.hpp"

namespace qgraph::test {

inline std::vector<std::byte> made_model(const std::string& name) {
  return read_bytes(tests_folder() / "data" / "made" / name / "model.tflite");
}

inline std::vector<std::string> made_models() {
  std::vector<std::string> out;
  for (const auto& file : list_files(tests_folder() / "data" / "made", ".tflite", true))
    out.push_back(file.parent_path().filename().string());
  return out;
}

struct ReadModel {
  std::unique_ptr<source::Model> model;
  diagnose::Findings findings;
  /// The codes found, in order.
  std::vector<std::string> codes() const {
    std::vector<std::string> out;
    for (const diagnose::Finding& f : findings.list()) out.push_back(f.diagnostic.code);
    return out;
  }
};

/// The bytes must outlive it.
inline ReadModel read_tflite(std::span<const std::byte> bytes, const Budgets& budgets = {}) {
  ReadModel r;
  ReadContext context{Buffer::borrow(bytes), {}, &budgets, &r.findings};
  r.model = find_format("tflite")->read(context);
  return r;
}

inline std::string text_of(const std::optional<AttributeValue>& value) {
  if (!value) return "-";
  if (const auto* i = std::get_if<std::int64_t>(&*value)) return std::to_string(*i);
  if (const auto* d = std::get_if<double>(&*value)) return fmt::format("{:.9g}", *d);
  if (const auto* s = std::get_if<std::string>(&*value)) return *s;
  if (const auto* v = std::get_if<std::vector<std::int64_t>>(&*value)) return fmt::format("{}", *v);
  if (const auto* v = std::get_if<std::vector<double>>(&*value)) return fmt::format("{}", *v);
  if (const auto* v = std::get_if<std::vector<std::string>>(&*value)) return fmt::format("{}", *v);
  return "tensor";
}

inline std::string text_of(source::TensorRef t) { return t ? std::to_string(t.index) : t.dangling() ? "dangling" : "none"; }

/// Everything that a model says, line by line: two models are the same where their texts are.
inline std::vector<std::string> text_of(const source::Model& m) {
  std::vector<std::string> out{fmt::format("version {}", m.format_version)};
  for (std::uint32_t g = 0; g < m.graphs.size(); ++g) {
    const source::SourceGraph& graph = m.graphs[g];
    for (std::uint32_t t = 0; t < graph.tensors.size(); ++t) {
      const source::SourceTensor& tensor = graph.tensors[t];
      std::string line = fmt::format("graph {} tensor {} '{}' {}{} state {}", g, t, tensor.name, name(tensor.dtype),
                                     tensor.shape.to_string(), tensor.state);
      if (tensor.data.exists()) {
        const Result<Buffer> data = m.data({g, t});
        std::size_t hash = 0;
        if (data)
          for (const std::byte b : data->bytes) hash = hash * 31 + std::to_integer<std::size_t>(b);
        line += data ? fmt::format(" data {} bytes {:x}", data->bytes.size(), hash) : " data missing";
      }
      if (const source::QuantizationSite* s = source::site_of(m, {g, t})) {
        const auto& z = s->zero_points.values;
        const bool all_zero = std::all_of(z.begin(), z.end(), [](double x) { return x == 0; });
        if (s->scales.known || !all_zero)
          line += fmt::format(" scales {} zero points {} axis {} blocks {}", s->scales.values,
                              all_zero ? std::vector<double>{} : z, s->scales.values.size() > 1 ? s->axis : -1, s->block_size);
      }
      out.push_back(line);
    }
    for (const source::SourceNode& node : graph.nodes) {
      std::string line = fmt::format("graph {} node {}:{} v{}", g, node.domain, node.op, node.version);
      for (const source::TensorRef t : node.inputs) line += " " + text_of(t);
      line += " ->";
      for (const source::TensorRef t : node.outputs) line += " " + text_of(t);
      std::vector<std::string> names = m.attribute_names(node);
      std::ranges::sort(names);
      for (const std::string& n : names) line += fmt::format(" {}={}", n, text_of(m.attribute(node, n)));
      out.push_back(line);
    }
    std::string line = fmt::format("graph {} inputs", g);
    for (const source::TensorRef t : graph.inputs) line += " " + text_of(t);
    line += " outputs";
    for (const source::TensorRef t : graph.outputs) line += " " + text_of(t);
    out.push_back(line);
  }
  return out;
}

}  // namespace qgraph::test
