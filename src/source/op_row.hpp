// A row of a format's op table: how one of its ops is read, and what its operands are called.
#pragma once

#include <climits>
#include <string_view>

#include "core/operand_list.hpp"
#include "qgraph/source.hpp"

namespace qgraph {

struct OpRow {
  std::string_view op{};      ///< as the format spells it
  std::string_view domain{};  ///< "tflite", "tflite.custom", "ai.onnx", "com.microsoft"
  int min_version = 1;
  int max_version = INT_MAX;  ///< the newest that is understood
  /// Operand names in order, which are also the roles rules ask for: "input weights bias?". '?' optional, '*' the rest.
  std::string_view operands{};
  std::string_view options{};  ///< TFLite: the name of its options table; empty: none wanted. A trailing '?': it may be missing
  std::string_view to{};       ///< the canonical op, where operands and attributes correspond one to one; then lower is null
  Result<Outputs> (*lower)(const SourceNode&, GraphBuilder&) = nullptr;
  /// The operand, besides the input 0, that a quantizing op's accumulator multiplies: rules use it.
  bool integer_accumulator = false;  ///< bias scale = input scale * weights scale
};

}  // namespace qgraph
