// fix(): a model file's bytes with what can be mended mended, and an account of every change.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "qgraph/load.hpp"

namespace qgraph {

/// A value that the file does not hold and the caller knows: `qgraph fix --set conv1/out.scale=0.023`.
struct GivenValue {
  std::string tensor{};  ///< its name in the file
  std::string what{};    ///< "scale", "zero_point" or "axis"
  std::vector<double> values{};
};

struct FixOptions {
  LoadOptions load{};                     ///< registry, budgets, format; its own `fix` is not looked at
  Confidence least = Confidence::likely;  ///< how sure a mend must be
  std::vector<std::string> only{};        ///< codes; empty: all
  std::vector<GivenValue> given{};        ///< set before the rules look
};

/// A mend that was made.
struct AppliedFix {
  Diagnostic diagnostic{};             ///< what was wrong; `fix` says how sure the mend is, and bounds the change of outputs
  std::vector<std::string> changes{};  ///< a line per edit: "tensor 'w': dtype float32 -> int8"
};

struct FixResult {
  std::vector<AppliedFix> applied{};  ///< in the order they were made
  Report report{};                    ///< the fixed bytes, checked again; of the file as it was, where nothing could be written
  bool loadable = false;              ///< the fixed bytes are, by load_graph with the same options
  /// The whole file, all that is not mended as it was. Empty where there is nothing to write: it cannot be read, or its format
  /// not changed.
  std::vector<std::byte> bytes{};
};

/// Mends a model, and checks what came of it. Writes nothing. Never throws (but for std::bad_alloc).
/// What was mended is sound: fixing it again changes nothing.
QGRAPH_API FixResult fix(const std::filesystem::path& file, const FixOptions& options = {});
QGRAPH_API FixResult fix(std::span<const std::byte> bytes, const FixOptions& options = {});

}  // namespace qgraph
