// A row of a format's op table: how one of its ops is read, and what its operands are called.
#pragma once

#include <climits>
#include <string_view>

#include "qgraph/source.hpp"

namespace qgraph {

struct OpRow {
  std::string_view op{};      ///< as the format spells it
  std::string_view domain{};  ///< "tflite", "tflite.custom", "ai.onnx", "com.microsoft"
  int min_version = 1;
  int max_version = INT_MAX;  ///< the newest that is understood
  /// Operand names in order, which are also the roles rules ask for: "input weights bias?". '?' optional, '*' the rest.
  std::string_view operands{};
  std::string_view options{}; ///< TFLite: the name of its options table; empty: none wanted. A trailing '?': it may be missing
  std::string_view to{};      ///< the canonical op, where operands and attributes correspond one to one; then lower is null
  Result<Outputs> (*lower)(const SourceNode&, GraphBuilder&) = nullptr;
  /// The operand, besides the input 0, that a quantizing op's accumulator multiplies: rules use it.
  bool integer_accumulator = false;  ///< bias scale = input scale * weights scale
};

/// A reader of operand lists: "input weights bias?" -> ("input", required), ...
struct Operand { std::string_view name; bool optional = false; bool rest = false; };
/// Operand i of a list, following a trailing '*'; nothing past the end.
std::optional<Operand> operand_at(std::string_view list, std::size_t i) noexcept;
/// The position of a name in a list; nothing if it is not there.
std::optional<std::size_t> operand_position(std::string_view list, std::string_view name) noexcept;

}  // namespace qgraph
