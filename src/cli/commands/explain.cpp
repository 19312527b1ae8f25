// qgraph explain: the page of a code.
#include <cstdio>
#include <filesystem>
#include <span>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "qgraph/check.hpp"

namespace qgraph::cli::commands {
namespace {

/// A page a code, and a list of them, as docs/diagnostics has them.
Exit write_pages(const std::string& directory) {
  if (!make_directory(directory)) return Exit::usage;
  const auto write = [&](const std::string& name, const std::string& text) {
    return write_file(std::filesystem::path(directory) / name, std::as_bytes(std::span(text)));
  };
  std::string list =
      "# Diagnostics\n\nMade by `qgraph explain --all docs/diagnostics` from the rules themselves.\n\n| code | what it says "
      "|\n|---|---|\n";
  for (const auto& [code, title] : qgraph::codes()) {
    list += "| [" + code + "](" + code + ".md) | " + title + " |\n";
    if (!write(code + ".md", "# " + qgraph::explain(code).value_or(code + "\n"))) return Exit::usage;
  }
  return write("README.md", list) ? Exit::fine : Exit::usage;
}

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
  const auto all = std::make_shared<std::string>();
  app.add_option("--all", *all, "Write a page for every code, and a list, into this directory")->type_name("DIR");
  app.callback([code, all, &exit] { exit = all->empty() ? run(*code) : write_pages(*all); });
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
