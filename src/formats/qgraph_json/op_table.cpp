// The ops of qgraph JSON's short form: names as frameworks spell them, operands as keys.
#include <algorithm>
#include <array>

#include "formats/qgraph_json/read.hpp"
#include "formats/qgraph_json/translate.hpp"

namespace qgraph::formats::qgraph_json {
namespace {

constexpr OpRow one_to_one(std::string_view op, std::string_view operands, std::string_view to) {
  return {.op = op, .domain = "qgraph", .operands = operands, .to = to};
}
constexpr OpRow weighted(std::string_view op, Result<Outputs> (*lower)(const SourceNode&, GraphBuilder&)) {
  return {.op = op, .domain = "qgraph", .operands = "input weights bias?", .lower = lower, .integer_accumulator = true};
}

constexpr auto rows = [] {
  std::array table{
      weighted("Conv2D", &lower_conv_2d),
      weighted("DepthwiseConv2D", &lower_depthwise_conv_2d),
      weighted("Dense", &lower_fully_connected),
      weighted("FullyConnected", &lower_fully_connected),
      weighted("Linear", &lower_fully_connected),

      one_to_one("Add", "a b", "add"),
      one_to_one("Div", "a b", "div"),
      one_to_one("Maximum", "a b", "maximum"),
      one_to_one("Minimum", "a b", "minimum"),
      one_to_one("Mul", "a b", "mul"),
      one_to_one("Sub", "a b", "sub"),

      one_to_one("Elu", "input", "elu"),
      one_to_one("Gelu", "input", "gelu"),
      one_to_one("HardSwish", "input", "hard_swish"),
      one_to_one("LeakyRelu", "input", "leaky_relu"),
      one_to_one("LogSoftmax", "input", "log_softmax"),
      one_to_one("ReLU", "input", "relu"),
      one_to_one("ReLU6", "input", "relu6"),
      one_to_one("Relu", "input", "relu"),
      one_to_one("Relu6", "input", "relu6"),
      one_to_one("Sigmoid", "input", "logistic"),
      one_to_one("Softmax", "input", "softmax"),
      one_to_one("Tanh", "input", "tanh"),

      one_to_one("Cast", "input", "cast"),
      one_to_one("Dequantize", "input", "dequantize"),
      one_to_one("Quantize", "input", "quantize"),

      one_to_one("Concat", "inputs*", "concatenation"),
      one_to_one("Concatenation", "inputs*", "concatenation"),
      OpRow{.op = "Flatten", .domain = "qgraph", .operands = "input", .lower = &lower_flatten},
      one_to_one("Pad", "input paddings", "pad"),
      one_to_one("Reshape", "input shape?", "reshape"),
      one_to_one("Transpose", "input perm?", "transpose"),
  };
  std::ranges::sort(table, {}, &OpRow::op);
  return table;
}();

}  // namespace

std::span<const OpRow> op_table() noexcept { return rows; }

std::string_view role_of_key(std::string_view key) {
  for (const std::string_view word :
       {"weights", "weight", "qweights", "qweight", "kernel", "qkernel", "filter", "qfilter", "filters"})
    if (key == word) return "weights";
  for (const std::string_view word : {"bias", "qbias", "biases"})
    if (key == word) return "bias";
  return key;
}

bool names_a_constant(std::string_view key) {
  const std::string_view role = role_of_key(key);
  return role == "weights" || role == "bias" || key == "table" || key == "data" || key == "values" || key == "constant";
}

}  // namespace qgraph::formats::qgraph_json
