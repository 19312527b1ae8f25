// Files of the command line: opening, listing models of a directory, writing beside the target and renaming.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "qgraph/report.hpp"

namespace qgraph::cli {

/// Says on stderr why the file cannot be opened; true where it can.
bool can_open(const std::filesystem::path& file);
/// A file is itself; a directory gives the models in it, sorted: files with an ending of some format. A .json only where its
/// bytes are a graph. Nothing, and a message on stderr, for a path that is not there.
std::optional<std::vector<std::filesystem::path>> models_at(const std::filesystem::path& path);
/// False, and a message on stderr, where it cannot be written.
bool write_file(const std::filesystem::path& file, std::span<const std::byte> bytes);
bool make_directory(const std::filesystem::path& directory);

/// A stream is a terminal, and NO_COLOR is not set.
bool colour_on(int descriptor);
/// The report on stderr, where loading failed.
void print_errors(const Report& report);

}  // namespace qgraph::cli
