// qgraph explain: the page of a code.
#include <cstdio>

#include "cli/command.hpp"
#include "qgraph/check.hpp"

namespace qgraph::cli::commands {
namespace {

Exit run(std::string code) {
  if (code.empty()) {
    for (const auto& [each, title] : qgraph::codes()) std::printf("%s  %s\n", each.c_str(), title.c_str());
    return Exit::fine;
  }
  for (char& c : code)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  const auto page = qgraph::explain(code);
  if (!page) {
    std::fprintf(stderr, "qgraph: no code '%s'; `qgraph explain` lists them all\n", code.c_str());
    return Exit::usage;
  }
  std::fputs(page->c_str(), stdout);
  return Exit::fine;
}

void add(CLI::App& app, Exit& exit) {
  const auto code = std::make_shared<std::string>();
  app.add_option("CODE", *code, "A diagnostic's code; without one, all codes are listed");
  app.callback([code, &exit] { exit = run(*code); });
}

}  // namespace

extern constexpr Command explain{.name = "explain",
                                 .summary = "What a code means, how it comes about, what mends it",
                                 .examples =
                                     "  qgraph explain QG3101\n"
                                     "  qgraph explain",
                                 .rank = 8,
                                 .add = &add};

}  // namespace qgraph::cli::commands
