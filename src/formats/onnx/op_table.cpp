// One row per op and range of opsets in which it means the same: its operands, and the canonical op or the function that lowers it.
#include "formats/onnx/op_table.hpp"

#include <algorithm>
#include <array>

#include "formats/onnx/translate.hpp"

namespace qgraph::formats::onnx {
namespace {

/// Operands in order, attributes of the same name.
constexpr OpRow straight(std::string_view op, std::string_view operands, std::string_view to, int min_version = 1, int max_version = INT_MAX) {
  return {.op = op, .domain = "ai.onnx", .min_version = min_version, .max_version = max_version, .operands = operands, .to = to};
}

constexpr auto rows = [] {
  std::array table{
      // quantization, conv, matmul, normalization, pooling, activations, com.microsoft
      straight("Relu", "x", "relu"),

      // movement, elementwise, reduction, control flow, sequences, random, the rest
      straight("Neg", "x", "neg"),
  };
  std::ranges::sort(table, {}, &OpRow::op);
  return table;
}();

}  // namespace

std::span<const OpRow> op_table() noexcept { return rows; }

}  // namespace qgraph::formats::onnx
