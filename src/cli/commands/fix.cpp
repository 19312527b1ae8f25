// qgraph fix: mends a model into a new file, and says what it changed.
#include "qgraph/fix.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdio>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "diagnose/render_fix.hpp"

namespace qgraph::cli::commands {
namespace {

struct Options {
  std::string model{}, output{}, format = "text";
  std::vector<std::string> only{}, set{};
  bool dry_run = false, partial = false, verbose = false;
};

/// "TENSOR.scale=0.1,0.2". Names may have dots in them, and '=': the last of each counts.
std::optional<GivenValue> given_value(std::string_view text) {
  const std::size_t equals = text.rfind('=');
  const std::size_t dot = equals == std::string_view::npos ? equals : text.substr(0, equals).rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  GivenValue given{.tensor = std::string(text.substr(0, dot)), .what = std::string(text.substr(dot + 1, equals - dot - 1))};
  std::string_view rest = text.substr(equals + 1);
  while (true) {
    double value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc{}) return std::nullopt;
    given.values.push_back(value);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (rest.empty()) return given;
    if (rest[0] != ',') return std::nullopt;
    rest.remove_prefix(1);
  }
}

Exit complain(const std::string& text) {
  std::fprintf(stderr, "qgraph: %s\n", text.c_str());
  return Exit::usage;
}

void print_text(const FixResult& result, const Options& options, bool written) {
  const diagnose::TextStyle style{.colour = colour_on(STDOUT_FILENO), .all_places = options.verbose};
  std::fputs(diagnose::render_fixes(result, style).c_str(), stdout);
  const std::string left = diagnose::render_text(result.report, style);
  if (!left.empty()) std::printf("what is left:\n\n%s\n", left.c_str());
  const std::string mends = std::to_string(result.applied.size()) + (result.applied.size() == 1 ? " mend" : " mends");
  std::printf("%s: %s, then %s; ", options.model.c_str(), mends.c_str(), result.report.summary().c_str());
  if (written)
    std::printf("written to %s\n", options.output.c_str());
  else
    std::printf("%s\n", options.dry_run ? "nothing written (--dry-run)" : "nothing written (--partial writes what is mended)");
}

Exit run(const Options& options) {
  if (options.output.empty() && !options.dry_run) return complain("fix needs -o OUT, or --dry-run");
  FixOptions how;
  how.only = options.only;
  for (const std::string& each : options.set) {
    const auto given = given_value(each);
    if (!given) return complain("--set " + each + ": expected TENSOR.scale=V, TENSOR.zero_point=V or TENSOR.axis=V");
    how.given.push_back(*given);
  }
  if (!can_open(options.model)) return Exit::usage;
  const FixResult result = qgraph::fix(options.model, how);
  const bool errors = result.report.has_errors();
  if (errors && result.report.diagnostics[0].code == "QG3210") {
    print_errors(result.report);
    return Exit::usage;
  }
  const bool write = !options.dry_run && !result.bytes.empty() && (!errors || options.partial);
  if (write && !write_file(options.output, result.bytes)) return Exit::usage;
  if (options.format == "json")
    std::printf("%s\n", diagnose::render_fix_json(result, write ? options.output : std::string(), 1).c_str());
  else
    print_text(result, options, write);
  return errors ? Exit::errors : Exit::fine;
}

void add(CLI::App& app, Exit& exit) {
  const auto options = std::make_shared<Options>();
  app.add_option("MODEL", options->model, "The model file; it is not changed, unless -o names it")->required();
  app.add_option("-o,--output", options->output, "The mended file; written beside it and renamed");
  app.add_flag("--dry-run", options->dry_run, "Say what would be done, write nothing");
  app.add_option("--only", options->only, "Mend this code alone; may be given more than once")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--set", options->set, "TENSOR.scale=V, TENSOR.zero_point=V or TENSOR.axis=V: a value that the file lost")
      ->type_name("TENSOR.WHAT=V")
      ->allow_extra_args(false);
  app.add_flag("--partial", options->partial, "Write the file also where errors are left");
  app.add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.add_flag("-v,--verbose", options->verbose, "List every change");
  app.callback([options, &exit] { exit = run(*options); });
}

}  // namespace

extern constexpr Command fix{.name = "fix",
                             .summary = "Mend a model into a new file, and say what was changed and how sure that is",
                             .examples =
                                 "  qgraph fix model.tflite -o fixed.tflite\n"
                                 "  qgraph fix model.tflite --dry-run\n"
                                 "  qgraph fix model.tflite -o fixed.tflite --only QG3101\n"
                                 "  qgraph fix model.tflite -o fixed.tflite --set conv1/out.scale=0.023\n"
                                 "\nExit codes: 0 no error is left; 1 errors are left; 2 usage, or the file cannot be opened.",
                             .rank = 3,
                             .add = &add};

}  // namespace qgraph::cli::commands
