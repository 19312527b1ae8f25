// qgraph check: every problem of one or more models.
#include "qgraph/check.hpp"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "diagnose/render.hpp"

namespace qgraph::cli::commands {
namespace {

struct Options {
  std::vector<std::string> paths{}, ignore{};
  std::string format = "text";
  bool strict = false, verbose = false;
  std::size_t jobs = 0;  ///< 0: as many as the machine has processors
};

void print_text(const Report& report, bool verbose) {
  const std::string text = diagnose::render_text(report, {.colour = colour_on(STDOUT_FILENO), .all_places = verbose});
  std::printf("%s%s%s: %s\n", text.c_str(), text.empty() ? "" : "\n", report.model.c_str(), report.summary().c_str());
}

/// Checks files on several threads, and hands over the results in their order, each as soon as it and all before it are there.
template <class Take>
void check_all(const std::vector<std::filesystem::path>& files, std::size_t threads, Take&& take) {
  std::vector<std::optional<CheckResult>> results(files.size());
  std::size_t next = 0;
  std::mutex mutex;
  std::condition_variable done;
  const auto work = [&] {
    for (std::unique_lock lock(mutex); next < files.size();) {
      const std::size_t i = next++;
      lock.unlock();
      CheckResult result = qgraph::check(files[i]);
      lock.lock();
      results[i] = std::move(result);
      done.notify_one();
    }
  };
  std::vector<std::thread> pool;
  for (std::size_t t = 0; t < std::min(threads, files.size()); ++t) pool.emplace_back(work);
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::optional<CheckResult> result;
    {
      std::unique_lock lock(mutex);
      done.wait(lock, [&] { return results[i].has_value(); });
      result.swap(results[i]);
    }
    take(std::move(*result));
  }
  for (std::thread& t : pool) t.join();
}

/// What a collection came to.
struct Summary {
  std::size_t models = 0, errors = 0, warnings = 0, not_loadable = 0;
  std::map<std::string, std::size_t> codes{};  ///< models that have it

  void add(const CheckResult& result) {
    ++models;
    errors += result.report.has_errors() ? 1 : 0;
    warnings += !result.report.has_errors() && result.report.count(Severity::warning) > 0 ? 1 : 0;
    not_loadable += result.loadable ? 0 : 1;
    std::set<std::string> seen;
    for (const Diagnostic& d : result.report.diagnostics)
      if (d.severity != Severity::note && seen.insert(d.code).second) ++codes[d.code];
  }
  std::string text() const {
    std::string out = std::to_string(models) + " models: " + std::to_string(errors) + " with errors, " +
                      std::to_string(warnings) + " with warnings alone, " + std::to_string(models - errors - warnings) +
                      " sound; " + std::to_string(models - not_loadable) + " can be loaded";
    for (const auto& [code, count] : codes) out += "\n  " + code + "  in " + std::to_string(count);
    return out;
  }
};

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
  Summary summary;
  const std::size_t threads = options.jobs > 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
  check_all(files, threads, [&](CheckResult result) {
    std::erase_if(result.report.diagnostics, [&](const Diagnostic& d) { return ignored.contains(d.code); });
    summary.add(result);
    bad = bad || result.report.has_errors() || (options.strict && result.report.count(Severity::warning) > 0);
    if (options.format == "text") print_text(result.report, options.verbose);
    if (options.format == "jsonl") std::printf("%s\n", diagnose::render_json(result.report, result.loadable).c_str());
    if (options.format == "json") json += (json.empty() ? "" : ",\n") + diagnose::render_json(result.report, result.loadable, 1);
    if (options.format == "sarif") reports.push_back(std::move(result.report));
    std::fflush(stdout);
  });
  if (options.format == "json" && (several || !json.empty()))
    std::printf("%s%s%s\n", several ? "[" : "", json.c_str(), several ? "]" : "");
  if (options.format == "sarif") std::printf("%s\n", diagnose::render_sarif(reports).c_str());
  // Not among the lines that programs read.
  if (several && options.format != "json" && options.format != "sarif")
    std::fprintf(options.format == "text" ? stdout : stderr, "%s\n", summary.text().c_str());
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
  app.add_option("--jobs", options->jobs, "Models checked at a time; by default one a processor");
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
