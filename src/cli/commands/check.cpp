// qgraph check: every problem of one or more models.
#include "qgraph/check.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "diagnose/render.hpp"

namespace qgraph::cli::commands {
namespace {

struct Options {
  std::vector<std::string> paths{}, ignore{};
  std::string format = "text";
  bool strict = false, verbose = false;
};

void print_text(const Report& report, bool verbose) {
  const std::string text = diagnose::render_text(report, {.colour = colour_on(STDOUT_FILENO), .all_places = verbose});
  std::printf("%s%s%s: %s\n", text.c_str(), text.empty() ? "" : "\n", report.model.c_str(), report.summary().c_str());
}

Exit run(const Options& options) {
  const std::set<std::string> ignored(options.ignore.begin(), options.ignore.end());
  std::vector<std::filesystem::path> files;
  bool unopened = false, bad = false;
  for (const std::string& path : options.paths) {
    auto found = models_at(path);
    unopened = unopened || !found;
    if (found && found->empty()) std::fprintf(stderr, "qgraph: no models in '%s'\n", path.c_str());
    if (found) files.insert(files.end(), found->begin(), found->end());
  }
  std::error_code error;
  const bool several = options.paths.size() != 1 || std::filesystem::is_directory(options.paths[0], error);
  std::vector<Report> reports;
  std::string json;
  for (const std::filesystem::path& file : files) {
    CheckResult result = qgraph::check(file);
    std::erase_if(result.report.diagnostics, [&](const Diagnostic& d) { return ignored.contains(d.code); });
    bad = bad || result.report.has_errors() || (options.strict && result.report.count(Severity::warning) > 0);
    if (options.format == "text") print_text(result.report, options.verbose);
    if (options.format == "jsonl") std::printf("%s\n", diagnose::render_json(result.report, result.loadable).c_str());
    if (options.format == "json") json += (json.empty() ? "" : ",\n") + diagnose::render_json(result.report, result.loadable, 1);
    if (options.format == "sarif") reports.push_back(std::move(result.report));
    std::fflush(stdout);
  }
  if (options.format == "json" && (several || !json.empty()))
    std::printf("%s%s%s\n", several ? "[" : "", json.c_str(), several ? "]" : "");
  if (options.format == "sarif") std::printf("%s\n", diagnose::render_sarif(reports).c_str());
  return unopened ? Exit::usage : bad ? Exit::errors : Exit::fine;
}

void add(CLI::App& app, Exit& exit) {
  const auto options = std::make_shared<Options>();
  app.add_option("MODEL", options->paths, "Model files, or directories of them")->required();
  app.add_option("--format", options->format, "text, json (an array for several models), jsonl (one line a model), or sarif")
      ->check(CLI::IsMember({"text", "json", "jsonl", "sarif"}));
  app.add_option("--ignore", options->ignore, "Leave out this code; may be given more than once")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_flag("--strict", options->strict, "Exit with 1 for warnings too");
  app.add_flag("-v,--verbose", options->verbose, "List every place and every consequence");
  app.callback([options, &exit] { exit = run(*options); });
}

}  // namespace

extern constexpr Command check{.name = "check",
                               .summary = "Say everything that is wrong with a model, why, and what mends it",
                               .examples =
                                   "  qgraph check model.tflite\n"
                                   "  qgraph check models/ --format jsonl --ignore QG4005\n"
                                   "  qgraph check model.tflite --format sarif > model.sarif",
                               .rank = 1,
                               .add = &add};

}  // namespace qgraph::cli::commands
