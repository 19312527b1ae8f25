// ONNX's control flow. What a body uses of the graphs around it comes behind its operands.
#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

std::vector<Value> operands(const SourceNode& n) {
  std::vector<Value> values;
  for (std::size_t i = 0; i < n.input_count(); ++i) values.push_back(n.input(i));
  return values;
}

std::vector<TensorType> open_outputs(const SourceNode& n) {
  std::vector<TensorType> types;
  for (std::size_t i = 0; i < n.output_count(); ++i) types.push_back(n.output_type(i));
  return types;
}

}  // namespace

Result<Outputs> lower_if(const SourceNode& n, GraphBuilder& g) {
  return g.add("if_else", operands(n), {}, open_outputs(n), n.bodies());
}
Result<Outputs> lower_loop(const SourceNode& n, GraphBuilder& g) {
  return g.add("onnx.loop", operands(n), {{"captures", n.integer("captures")}}, open_outputs(n), n.bodies());
}
Result<Outputs> lower_scan(const SourceNode& n, GraphBuilder& g) {
  Attributes a{{"num_scan_inputs", n.integer("num_scan_inputs")}, {"captures", n.integer("captures")}};
  for (const std::string_view key : {"scan_input_axes", "scan_output_axes", "scan_input_directions", "scan_output_directions"})
    if (auto value = n.attribute(key)) a.set(key, *std::move(value));
  return g.add("onnx.scan", operands(n), std::move(a), open_outputs(n), n.bodies());
}

}  // namespace qgraph::formats::onnx
