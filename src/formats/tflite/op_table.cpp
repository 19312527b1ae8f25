// One row per op: its name in the schema, the newest version that is understood, its operands, its options table and the canonical op.
#include "formats/tflite/op_table.hpp"

#include <algorithm>
#include <array>

#include "formats/tflite/translate.hpp"

namespace qgraph::formats::tflite {
namespace {

constexpr auto rows = [] {
  std::array table{
      // conv and matmul

      // elementwise

      // activations, pooling, reductions, quantize
      OpRow{.op = "RELU", .domain = "tflite", .max_version = 3, .operands = "input", .to = "relu"},

      // data movement

      // state, control flow, recurrent

      // custom ops and signal
  };
  std::ranges::sort(table, {}, &OpRow::op);
  return table;
}();

}  // namespace

std::span<const OpRow> op_table() noexcept { return rows; }

}  // namespace qgraph::formats::tflite
