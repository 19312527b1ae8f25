// What the tests of the ONNX reader and patch share: building models, reading from memory, a model as text.
#pragma once

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "formats/format.hpp"
#include "formats/onnx/encode.hpp"
#include "formats/onnx/schema.hpp"
#include "formats/tflite/models.hpp"
#include "support/files.hpp"

namespace qgraph::test {

using formats::onnx::MessageEdit;
namespace of = formats::onnx;

inline std::vector<std::byte> onnx_model(const std::string& name) {
  return read_bytes(tests_folder() / "data" / "made" / name / "model.onnx");
}

inline std::vector<std::string> onnx_models() {
  std::vector<std::string> out;
  for (const auto& file : list_files(tests_folder() / "data" / "made", ".onnx", true))
    out.push_back(file.parent_path().filename().string());
  return out;
}

/// The bytes must outlive it.
inline ReadModel read_onnx(std::span<const std::byte> bytes, const Budgets& budgets = {}) {
  ReadModel r;
  ReadContext context{Buffer::borrow(bytes), {}, &budgets, &r.findings};
  r.model = find_format("onnx")->read(context);
  return r;
}

/// A model that is built field by field. `graph` is its main graph.
struct OnnxBuilder {
  MessageEdit file{};
  MessageEdit* graph = nullptr;

  explicit OnnxBuilder(std::int64_t ir = 8, std::int64_t opset = 17) {
    file.add_integer(of::model_field::ir_version, ir);
    graph = &file.add_message(of::model_field::graph);
    import_opset(file, "", opset);
  }
  static void import_opset(MessageEdit& to, const std::string& domain, std::int64_t version,
                           std::uint32_t field = of::model_field::opset_import) {
    MessageEdit& opset = to.add_message(field);
    if (!domain.empty()) opset.add_text(1, domain);
    opset.add_integer(2, version);
  }
  static void value(MessageEdit& to, std::uint32_t field, const std::string& name, DType dtype, const Shape& shape) {
    MessageEdit& info = to.add_message(field);
    info.add_text(1, name);
    if (dtype == DType::unknown) return;
    of::write_dtype(info, dtype);
    of::write_shape(info, shape);
  }
  static MessageEdit& node(MessageEdit& to, const std::string& op, const std::vector<std::string>& inputs,
                           const std::vector<std::string>& outputs, const std::string& domain = {},
                           std::uint32_t field = of::graph_field::node) {
    MessageEdit& n = to.add_message(field);
    for (const auto& i : inputs) n.add_text(of::node_field::input, i);
    for (const auto& o : outputs) n.add_text(of::node_field::output, o);
    n.add_text(of::node_field::op_type, op);
    if (!domain.empty()) n.add_text(of::node_field::domain, domain);
    return n;
  }
  static MessageEdit& tensor(MessageEdit& to, const std::string& name, std::int64_t data_type, const Shape& shape,
                             std::uint32_t field = of::graph_field::initializer) {
    MessageEdit& t = to.add_message(field);
    of::write_dims(t, shape);
    t.add_integer(of::tensor_field::data_type, data_type);
    if (!name.empty()) t.add_text(of::tensor_field::name, name);
    return t;
  }
  static MessageEdit& attribute(MessageEdit& node, const std::string& name, std::int64_t type) {
    MessageEdit& a = node.add_message(of::node_field::attribute);
    a.add_text(of::attribute_field::name, name);
    a.add_integer(of::attribute_field::type, type);
    return a;
  }
  /// A body in an attribute.
  static MessageEdit& body(MessageEdit& node, const std::string& name) {
    return attribute(node, name, 5).add_message(of::attribute_field::g);
  }
  std::vector<std::byte> bytes() const { return file.encode(); }
};

/// Everything that a model says, with names for tensors, since their order is not the file's.
inline std::vector<std::string> named_text_of(const source::Model& m) {
  std::vector<std::string> out{fmt::format("version {}", m.format_version)};
  for (const auto& [domain, version] : m.domains) out.push_back(fmt::format("domain {} {}", domain, version));
  const auto ref = [&](source::TensorRef t) {
    return t ? fmt::format(" {}:'{}'", t.graph, m[t].name) : t.dangling() ? " dangling" : " none";
  };
  for (std::uint32_t g = 0; g < m.graphs.size(); ++g) {
    const source::SourceGraph& graph = m.graphs[g];
    std::vector<std::string> tensors;
    for (std::uint32_t t = 0; t < graph.tensors.size(); ++t) {
      const source::SourceTensor& tensor = graph.tensors[t];
      std::string line = fmt::format("graph {} tensor '{}' {}{}", g, tensor.name, name(tensor.dtype), tensor.shape.to_string());
      if (tensor.data.exists()) {
        const Result<Buffer> data = m.data({g, t});
        std::size_t hash = 0;
        if (data)
          for (const std::byte b : data->bytes) hash = hash * 31 + std::to_integer<std::size_t>(b);
        line += data ? fmt::format(" data {} bytes {:x}", data->bytes.size(), hash) : " data missing";
      }
      tensors.push_back(line);
    }
    std::ranges::sort(tensors);
    out.insert(out.end(), tensors.begin(), tensors.end());
    for (const source::SourceNode& node : graph.nodes) {
      std::string line = fmt::format("graph {} node {}:{}", g, node.domain, node.op);
      for (const source::TensorRef t : node.inputs) line += ref(t);
      line += " ->";
      for (const source::TensorRef t : node.outputs) line += ref(t);
      std::vector<std::string> names = m.attribute_names(node);
      std::ranges::sort(names);
      for (const std::string& n : names) line += fmt::format(" {}={}", n, text_of(m.attribute(node, n)));
      for (const std::uint32_t b : node.bodies) line += fmt::format(" body {}", b);
      out.push_back(line);
    }
    std::string line = fmt::format("graph {} inputs", g);
    for (const source::TensorRef t : graph.inputs) line += ref(t);
    line += " outputs";
    for (const source::TensorRef t : graph.outputs) line += ref(t);
    out.push_back(line);
  }
  return out;
}

}  // namespace qgraph::test
