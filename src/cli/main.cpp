// qgraph, the command line. Each command is a file of commands/.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace qgraph::cli {

namespace commands {
extern const Command* const list[];
extern const std::size_t list_size;
}  // namespace commands

std::span<const Command* const> all_commands() {
  static const std::vector<const Command*> sorted = [] {
    std::vector<const Command*> all(commands::list, commands::list + commands::list_size);
    std::ranges::sort(all, {}, &Command::rank);
    return all;
  }();
  return sorted;
}

}  // namespace qgraph::cli

int main(int argc, char** argv) {
  using namespace qgraph::cli;
  CLI::App app{"Loads the quantized neural-network graph that other loaders refuse, or says exactly why not.", "qgraph"};
  app.set_version_flag("--version", "qgraph " QGRAPH_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  qgraph check model.tflite\n"
      "  qgraph run model.tflite -i 0=input.npy -o outputs\n"
      "  qgraph explain QG3101\n"
      "\nExit codes: 0 fine; 1 the model has errors; 2 usage, or a file cannot be opened.\n"
      "`qgraph COMMAND --help` has more. NO_COLOR is respected.");
  Exit result = Exit::fine;
  for (const Command* command : all_commands()) {
    CLI::App* sub = app.add_subcommand(std::string(command->name), std::string(command->summary));
    sub->footer("Examples:\n" + std::string(command->examples));
    command->add(*sub, result);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(Exit::usage);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "qgraph: %s\n", e.what());
    return static_cast<int>(Exit::usage);
  }
  return static_cast<int>(result);
}
