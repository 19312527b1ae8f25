// A command of `qgraph` is a file of commands/: its name, help and options, and what it does.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string_view>

namespace qgraph::cli {

/// 0 fine; 1 the model has errors; 2 usage, or a file cannot be opened.
enum class Exit : int { fine = 0, errors = 1, usage = 2 };

struct Command {
  std::string_view name{};
  std::string_view summary{};   ///< one line of `qgraph --help`
  std::string_view examples{};  ///< at the end of the command's own help
  int rank = 0;                 ///< place in `qgraph --help`
  /// Adds the options; the callback of `app` leaves its result in `exit`.
  void (*add)(CLI::App& app, Exit& exit) = nullptr;
};

/// All commands by rank; the list is generated from the files.
std::span<const Command* const> all_commands();

}  // namespace qgraph::cli
