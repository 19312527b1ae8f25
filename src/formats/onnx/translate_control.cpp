// ONNX's control flow. What a body uses of the graphs around it comes behind its operands.
#include <algorithm>

#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

/// The node's inputs, at least so many, and what its bodies capture.
std::vector<Value> operands(const SourceNode& n, std::size_t least) {
  std::vector<Value> values;
  for (std::size_t i = 0; i < std::max(n.input_count(), least); ++i) values.push_back(n.input(i));
  for (const Value v : n.captures()) values.push_back(v);
  return values;
}

std::int64_t capture_count(const SourceNode& n) { return static_cast<std::int64_t>(n.captures().size()); }

std::vector<TensorType> open_outputs(const SourceNode& n) {
  std::vector<TensorType> types;
  for (std::size_t i = 0; i < n.output_count(); ++i) types.push_back(n.output_type(i));
  return types;
}

}  // namespace

Result<Outputs> lower_if(const SourceNode& n, GraphBuilder& g) {
  return g.add("if_else", operands(n, 1), {}, open_outputs(n), n.bodies());
}
Result<Outputs> lower_loop(const SourceNode& n, GraphBuilder& g) {
  return g.add("onnx.loop", operands(n, 2), {{"captures", capture_count(n)}}, open_outputs(n), n.bodies());
}

/// Opset 8 has lengths and a batch in front of all; of it only a batch of one is known.
Result<Outputs> lower_scan(const SourceNode& n, GraphBuilder& g) {
  Attributes a{{"num_scan_inputs", n.integer("num_scan_inputs")}, {"captures", capture_count(n)}};
  if (n.version() >= 9) {
    for (const std::string_view key : {"scan_input_axes", "scan_output_axes", "scan_input_directions", "scan_output_directions"})
      if (auto value = n.attribute(key)) a.set(key, *std::move(value));
    return g.add("onnx.scan", operands(n, 1), std::move(a), open_outputs(n), n.bodies());
  }
  if (given(n, 0)) return refuse(n, Cause::unsupported_version, "a Scan of opset 8 with sequence lengths");
  if (auto value = n.attribute("directions")) a.set("scan_input_directions", *std::move(value));
  std::vector<Value> inputs = operands(n, 1);
  inputs.erase(inputs.begin());
  const Value first = constant(g, std::vector<std::int64_t>{0});
  for (std::size_t i = 0; i + n.captures().size() < inputs.size(); ++i) inputs[i] = g.add("squeeze", {inputs[i], first});
  const Outputs made =
      g.add("onnx.scan", std::move(inputs), std::move(a),
            std::vector<TensorType>(n.output_count(), TensorType(DType::unknown, Shape::unknown_rank())), n.bodies());
  std::vector<Value> outputs;
  for (const Value& v : made) outputs.push_back(g.add("expand_dims", {v, first}));
  return Outputs(std::move(outputs));
}

}  // namespace qgraph::formats::onnx
