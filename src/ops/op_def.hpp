// What an op is: a table of function pointers and texts. One file of src/ops defines one; ops.hpp lists them all.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "ops/attributes.hpp"
#include "ops/infer.hpp"
#include "ops/kernel.hpp"
#include "qgraph/graph.hpp"

namespace qgraph {

/// How close another kernel, or a round trip, must come to the reference kernel.
enum class Exactness : std::uint8_t {
  bit_exact,    ///< moves or integer arithmetic: equal, always
  float_order,  ///< float sums: another order of summing may show in the last bits; integers are bit exact
};

struct OpDef {
  std::string_view name{};  ///< snake_case; dialect ops "tflite.svdf", "microsoft.qattention"
  std::string_view help{};  ///< what it computes, one or two sentences, with the source of the definition
  /// Operand names in order, blank separated: "input weights bias?"; '?' optional, '*' any number (last only).
  std::string_view inputs = "input";
  std::string_view outputs = "output";
  Exactness exactness = Exactness::bit_exact;
  AttributeTable attributes{};  ///< attribute_table<Struct>(rows), empty where the op has none
  InferFn infer = nullptr;
  std::span<const KernelDef> reference{};
  int primary = 0;    ///< the operand whose dtype is KernelDef::primary
  int secondary = 1;  ///< the operand whose dtype is KernelDef::secondary
  int bodies = 0;     ///< graphs it takes; -1: any number
  /// Types of what a body is called with, from the operands' (null: left out). Null: the node's last operands, as many as it
  /// takes.
  Types (*body_inputs)(const void* attributes, std::span<const TensorType* const> operands) = nullptr;
  bool stateful = false;           ///< reads or writes state: never folded, moved or dropped
  bool reads_shapes_only = false;  ///< the result depends on the inputs' shapes alone (shape, rank): known once they are
  bool moves_bytes = false;        ///< outputs are inputs' elements unchanged: quantization must agree (reshape, concat, pad)
};

/// The canonical op of this name, or null. src/ops/ops.cpp, generated list.
const OpDef* find_op(std::string_view name) noexcept;
std::span<const OpDef* const> all_ops() noexcept;

}  // namespace qgraph
