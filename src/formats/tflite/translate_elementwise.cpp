// Elementwise ops of TensorFlow Lite that are not one to one.
#include "formats/tflite/translate.hpp"

namespace qgraph::formats::tflite {
namespace {

/// An op whose result has the dtype that the file declares of it.
Outputs to_declared(const SourceNode& n, GraphBuilder& g, std::string_view op) {
  const TensorType declared = n.output_type(0);
  Attributes a;
  if (declared.storage() != DType::unknown) a.set("to", std::string(name(declared.storage())));
  return g.add(op, {n.input(0)}, std::move(a), {declared});
}

/// A random op and the count of what it has drawn, which is kept from run to run.
Outputs random(const SourceNode& n, GraphBuilder& g, std::string_view op) {
  const TensorType declared = n.output_type(0);
  // The schema has 64 bits, TensorFlow Lite keeps the low 32.
  const auto seed = [&n](std::string_view key) { return std::int64_t{static_cast<std::int32_t>(n.integer(key))}; };
  Attributes a{{"seed", seed("seed")}, {"seed2", seed("seed2")}};
  std::vector<Value> inputs;
  for (std::size_t i = 0; i < n.input_count(); ++i) inputs.push_back(n.input(i));
  if (op == "multinomial" && declared.dtype() != DType::unknown) a.set("to", std::string(name(declared.dtype())));
  inputs.push_back(g.state(std::string(n.name()) + "/drawn", TensorType(DType::int64, Shape{1})));
  return g.add(op, std::move(inputs), std::move(a), {declared});
}

}  // namespace

Result<Outputs> lower_bitcast(const SourceNode& n, GraphBuilder& g) { return to_declared(n, g, "bitcast"); }
Result<Outputs> lower_cast(const SourceNode& n, GraphBuilder& g) { return to_declared(n, g, "cast"); }

/// A condition of rank 1 chooses slices of the first axis.
Result<Outputs> lower_select(const SourceNode& n, GraphBuilder& g) {
  return g.add("select", {n.input(0), n.input(1), n.input(2)}, {{"leading_condition", std::int64_t{1}}}, {n.output_type(0)});
}

Result<Outputs> lower_random_uniform(const SourceNode& n, GraphBuilder& g) { return random(n, g, "random_uniform"); }
Result<Outputs> lower_random_standard_normal(const SourceNode& n, GraphBuilder& g) {
  return random(n, g, "random_standard_normal");
}
Result<Outputs> lower_multinomial(const SourceNode& n, GraphBuilder& g) { return random(n, g, "multinomial"); }

}  // namespace qgraph::formats::tflite
