// The way from bytes to a Model, which load_graph(), check() and the tools share.
#pragma once

#include <filesystem>
#include <memory>

#include "diagnose/fix.hpp"
#include "formats/format.hpp"
#include "load/lower.hpp"
#include "qgraph/check.hpp"

namespace qgraph {

/// A file that has been read, as far as it can be.
struct Opened {
  const Format* format = nullptr;
  Buffer file{};
  std::unique_ptr<source::Model> source{};  ///< none for formats that hold a canonical graph, or where nothing is readable
  std::optional<Model> graph{};             ///< of those formats
  diagnose::Findings findings{};            ///< of the reader
};
Opened open_model(const std::filesystem::path& file, const LoadOptions& options);
Opened open_model(std::span<const std::byte> bytes, const LoadOptions& options);
/// Bytes that are to stand at this path, beside which external data lies.
Opened open_model(Buffer bytes, const std::filesystem::path& path, const LoadOptions& options);

/// The registry of the options, or the built-in one.
const Registry& registry_of(const LoadOptions& options);

/// Every problem of what was opened: the rules' of the file as stored, and what lowering finds once the mendable ones are mended.
struct Analysis {
  std::vector<diagnose::Finding> findings{};  ///< folded
  std::optional<Model> model{};               ///< of the mended file
};
Analysis analyse(const Opened& opened, const LoadOptions& options, bool read_data);

/// check() of what has been opened; `path` names it in the report.
CheckResult check_opened(Opened opened, const LoadOptions& options, std::string path);

/// Mends as the options allow, then lowers.
LoadResult load(Opened opened, const LoadOptions& options, std::string path);

}  // namespace qgraph
