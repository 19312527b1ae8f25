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
      OpRow{.op = "ADD", .domain = "tflite", .max_version = 6, .operands = "x y", .options = "AddOptions?", .to = "add"},
      OpRow{.op = "SUB", .domain = "tflite", .max_version = 5, .operands = "x y", .options = "SubOptions?", .to = "sub"},
      OpRow{.op = "MUL", .domain = "tflite", .max_version = 8, .operands = "x y", .options = "MulOptions?", .to = "mul"},
      OpRow{.op = "DIV", .domain = "tflite", .max_version = 2, .operands = "x y", .options = "DivOptions?", .to = "div"},
      OpRow{.op = "MAXIMUM", .domain = "tflite", .max_version = 4, .operands = "x y", .options = "MaximumMinimumOptions?", .to = "maximum"},
      OpRow{.op = "MINIMUM", .domain = "tflite", .max_version = 4, .operands = "x y", .options = "MaximumMinimumOptions?", .to = "minimum"},
      OpRow{.op = "SQUARED_DIFFERENCE", .domain = "tflite", .max_version = 2, .operands = "x y", .options = "SquaredDifferenceOptions?", .to = "squared_difference"},
      OpRow{.op = "POW", .domain = "tflite", .max_version = 1, .operands = "x y", .options = "PowOptions?", .to = "pow"},
      OpRow{.op = "FLOOR_DIV", .domain = "tflite", .max_version = 3, .operands = "x y", .options = "FloorDivOptions?", .to = "floor_div"},
      OpRow{.op = "FLOOR_MOD", .domain = "tflite", .max_version = 2, .operands = "x y", .options = "FloorModOptions?", .to = "floor_mod"},
      OpRow{.op = "ATAN2", .domain = "tflite", .max_version = 1, .operands = "y x", .to = "atan2"},
      OpRow{.op = "ADD_N", .domain = "tflite", .max_version = 1, .operands = "inputs*", .options = "AddNOptions?", .to = "add_n"},
      OpRow{.op = "EQUAL", .domain = "tflite", .max_version = 5, .operands = "x y", .options = "EqualOptions?", .to = "equal"},
      OpRow{.op = "NOT_EQUAL", .domain = "tflite", .max_version = 4, .operands = "x y", .options = "NotEqualOptions?", .to = "not_equal"},
      OpRow{.op = "LESS", .domain = "tflite", .max_version = 3, .operands = "x y", .options = "LessOptions?", .to = "less"},
      OpRow{.op = "LESS_EQUAL", .domain = "tflite", .max_version = 2, .operands = "x y", .options = "LessEqualOptions?", .to = "less_equal"},
      OpRow{.op = "GREATER", .domain = "tflite", .max_version = 2, .operands = "x y", .options = "GreaterOptions?", .to = "greater"},
      OpRow{.op = "GREATER_EQUAL", .domain = "tflite", .max_version = 3, .operands = "x y", .options = "GreaterEqualOptions?", .to = "greater_equal"},
      OpRow{.op = "LOGICAL_AND", .domain = "tflite", .max_version = 1, .operands = "x y", .options = "LogicalAndOptions?", .to = "logical_and"},
      OpRow{.op = "LOGICAL_OR", .domain = "tflite", .max_version = 1, .operands = "x y", .options = "LogicalOrOptions?", .to = "logical_or"},
      OpRow{.op = "LOGICAL_NOT", .domain = "tflite", .max_version = 1, .operands = "input", .options = "LogicalNotOptions?", .to = "logical_not"},
      OpRow{.op = "BITWISE_XOR", .domain = "tflite", .max_version = 1, .operands = "x y", .options = "BitwiseXorOptions?", .to = "bitwise_xor"},
      OpRow{.op = "RIGHT_SHIFT", .domain = "tflite", .max_version = 1, .operands = "x y", .options = "RightShiftOptions?", .to = "right_shift"},
      OpRow{.op = "BITCAST", .domain = "tflite", .max_version = 1, .operands = "input", .options = "BitcastOptions?", .lower = lower_bitcast},
      OpRow{.op = "ABS", .domain = "tflite", .max_version = 5, .operands = "input", .options = "AbsOptions?", .to = "abs"},
      OpRow{.op = "NEG", .domain = "tflite", .max_version = 1, .operands = "input", .options = "NegOptions?", .to = "neg"},
      OpRow{.op = "SIGN", .domain = "tflite", .max_version = 2, .operands = "input", .options = "SignOptions?", .to = "sign"},
      OpRow{.op = "ROUND", .domain = "tflite", .max_version = 1, .operands = "input", .to = "round"},
      OpRow{.op = "CEIL", .domain = "tflite", .max_version = 1, .operands = "input", .to = "ceil"},
      OpRow{.op = "FLOOR", .domain = "tflite", .max_version = 1, .operands = "input", .to = "floor"},
      OpRow{.op = "EXP", .domain = "tflite", .max_version = 2, .operands = "input", .options = "ExpOptions?", .to = "exp"},
      OpRow{.op = "LOG", .domain = "tflite", .max_version = 2, .operands = "input", .to = "log"},
      OpRow{.op = "SQRT", .domain = "tflite", .max_version = 2, .operands = "input", .to = "sqrt"},
      OpRow{.op = "RSQRT", .domain = "tflite", .max_version = 3, .operands = "input", .to = "rsqrt"},
      OpRow{.op = "SIN", .domain = "tflite", .max_version = 2, .operands = "input", .to = "sin"},
      OpRow{.op = "COS", .domain = "tflite", .max_version = 2, .operands = "input", .options = "CosOptions?", .to = "cos"},
      OpRow{.op = "SQUARE", .domain = "tflite", .max_version = 1, .operands = "input", .options = "SquareOptions?", .to = "square"},
      OpRow{.op = "ZEROS_LIKE", .domain = "tflite", .max_version = 1, .operands = "input", .options = "ZerosLikeOptions?", .to = "zeros_like"},
      OpRow{.op = "CAST", .domain = "tflite", .max_version = 9, .operands = "input", .options = "CastOptions?", .lower = lower_cast},
      OpRow{.op = "SELECT", .domain = "tflite", .max_version = 4, .operands = "condition x y", .options = "SelectOptions?", .lower = lower_select},
      OpRow{.op = "SELECT_V2", .domain = "tflite", .max_version = 2, .operands = "condition x y", .options = "SelectV2Options?", .to = "select"},
      OpRow{.op = "WHERE", .domain = "tflite", .max_version = 2, .operands = "condition", .options = "WhereOptions?", .to = "where"},
      OpRow{.op = "BUCKETIZE", .domain = "tflite", .max_version = 1, .operands = "input", .options = "BucketizeOptions", .to = "bucketize"},
      OpRow{.op = "CUMSUM", .domain = "tflite", .max_version = 1, .operands = "input axis", .options = "CumsumOptions?", .to = "cumsum"},
      OpRow{.op = "COMPLEX_ABS", .domain = "tflite", .max_version = 1, .operands = "input", .to = "complex_abs"},
      OpRow{.op = "REAL", .domain = "tflite", .max_version = 1, .operands = "input", .to = "real"},
      OpRow{.op = "IMAG", .domain = "tflite", .max_version = 1, .operands = "input", .to = "imag"},

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
