// Recurrent layers of ONNX and ONNX Runtime.
#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

Attributes recurrent_attributes(const SourceNode& n) {
  Attributes a{{"direction", n.text("direction", "forward")}, {"clip", n.number("clip")}, {"batch_first", n.integer("layout")}};
  if (const auto v = n.attribute("activations"); v && std::holds_alternative<std::vector<std::string>>(*v))
    a.set("activations", *v);
  for (std::string_view key : {"activation_alpha", "activation_beta"}) {
    std::vector<double> values;
    for (float f : n.floats(key)) values.push_back(static_cast<double>(f));
    if (!values.empty()) a.set(key, std::move(values));
  }
  return a;
}

Result<Outputs> add_recurrent(const SourceNode& n, GraphBuilder& g, std::string_view op, std::vector<Value> inputs,
                              Attributes a) {
  if (inputs.size() < 3 || !inputs[0] || !inputs[1] || !inputs[2])
    return refuse(n, Cause::dangling_reference, "'" + std::string(n.op()) + "' lacks its input or its weights");
  const DType dtype = inputs[0].type().dtype();
  for (Value& v : inputs) v = widened(g, v);
  while (!inputs.back()) inputs.pop_back();
  std::vector<Value> outputs;
  for (Value y : g.add(op, std::move(inputs), std::move(a))) outputs.push_back(narrowed(g, y, dtype));
  return Outputs(std::move(outputs));
}

std::vector<Value> operands(const SourceNode& n, std::size_t count) {
  std::vector<Value> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(n.input(i));
  return all;
}

}  // namespace

Result<Outputs> lower_lstm(const SourceNode& n, GraphBuilder& g) {
  Attributes a = recurrent_attributes(n);
  a.set("input_forget", n.integer("input_forget"));
  return add_recurrent(n, g, "onnx.lstm", operands(n, 8), std::move(a));
}

Result<Outputs> lower_gru(const SourceNode& n, GraphBuilder& g) {
  Attributes a = recurrent_attributes(n);
  a.set("linear_before_reset", n.integer("linear_before_reset"));
  return add_recurrent(n, g, "onnx.gru", operands(n, 6), std::move(a));
}

Result<Outputs> lower_rnn(const SourceNode& n, GraphBuilder& g) {
  return add_recurrent(n, g, "onnx.rnn", operands(n, 6), recurrent_attributes(n));
}

/// Weights are [directions, depth, 4 * units], and scales and zero points stand behind LSTM's operands.
Result<Outputs> lower_dynamic_quantize_lstm(const SourceNode& n, GraphBuilder& g) {
  Attributes a = recurrent_attributes(n);
  a.set("input_forget", n.integer("input_forget"));
  a.set("weights_transposed", std::int64_t{1});
  std::vector<Value> inputs = operands(n, 12);
  for (std::size_t i : {std::size_t{1}, std::size_t{2}}) inputs[i] = stored(g, inputs[i]);
  return add_recurrent(n, g, "onnx.lstm", std::move(inputs), std::move(a));
}

}  // namespace qgraph::formats::onnx
