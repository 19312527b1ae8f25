// Problems as data: what is wrong, where, why, and what mends it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "qgraph/export.hpp"

namespace qgraph {

/// error: as stored the model cannot be run, or not rightly. warning: some runtime of its format runs it rightly, yet it
/// contradicts itself. note: worth knowing.
enum class Severity : std::uint8_t { error, warning, note };

enum class Cause : std::uint8_t {
  unreadable_file,
  unsupported_version,
  unknown_op,
  unsupported_dtype,
  missing_attribute,
  invalid_attribute,
  missing_quantization,
  invalid_quantization,
  inconsistent_quantization,
  dtype_contradiction,
  data_size_mismatch,
  data_out_of_range,
  shape_mismatch,
  dangling_reference,
  duplicate_definition,
  wrong_order,
  cycle,
  missing_conversion,
  missing_external_data,
  resource_limit,
};

/// safe: the meaning is unchanged. likely: the evidence is in Diagnostic::why. needs_input: a value is missing.
enum class Confidence : std::uint8_t { safe, likely, needs_input };

QGRAPH_API std::string_view name(Severity) noexcept;    ///< "error"
QGRAPH_API std::string_view name(Cause) noexcept;       ///< "dtype-contradiction"
QGRAPH_API std::string_view name(Confidence) noexcept;  ///< "needs_input"

/// Where in the file. Absent things are -1 or empty.
struct Place {
  std::int64_t graph = 0;        ///< subgraph in the file; 0 is the main one
  std::int64_t node_index = -1;  ///< position in its (sub)graph in the file
  std::string node_name{};       ///< its name, else its first output's
  std::string op{};
  std::string tensor{};
  std::int64_t tensor_index = -1;
  std::int64_t input = -1;  ///< position of the tensor among the node's inputs
  std::string attribute{};
  std::int64_t byte_offset = -1;  ///< in the file, where bytes are the matter
  friend bool operator==(const Place&, const Place&) = default;
};

struct Fix {
  std::string id{};  ///< stable word for `--only` and logs, e.g. "relabel-int8"
  Confidence confidence = Confidence::needs_input;
  std::string description{};           ///< what it does: "read 'w' as int8 with scale 0.0217"
  std::optional<double> max_change{};  ///< bound on how much outputs change, in the outputs' own units; 0: none; nothing: unknown
};

struct Diagnostic {
  std::string code{};  ///< "QG3101", stable
  Severity severity = Severity::error;
  Cause cause = Cause::unreadable_file;
  std::string headline{};       ///< stands alone: thing, found, expected; lower case, no full stop
  std::vector<Place> places{};  ///< the first is the one to look at; file order
  std::string expected{};
  std::string found{};
  std::vector<std::string> evidence{};  ///< lines that a reader can check by hand
  std::string why{};
  std::optional<Fix> fix{};
  std::vector<Diagnostic> consequences{};  ///< what only follows from this; not counted
};

/// A list of problems, errors first, then in file order.
struct QGRAPH_API Report {
  std::string model{};   ///< path, or "<memory>"
  std::string format{};  ///< "tflite", "onnx", ...; empty if not recognised
  std::vector<Diagnostic> diagnostics{};

  bool has_errors() const noexcept;
  std::size_t count(Severity) const noexcept;
  /// "2 errors, 1 warning"; "no problems"
  std::string summary() const;
  /// The text for a terminal, as `qgraph check` prints it, without colour.
  std::string to_string() const;
};

}  // namespace qgraph
