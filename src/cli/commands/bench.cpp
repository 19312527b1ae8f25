// qgraph bench: times of loading, of the first run and of the next ones, and memory.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/profile_table.hpp"
#include "cli/session_run.hpp"

namespace qgraph::cli::commands {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t fewest_runs = 5, most_runs = 1'000'000, most_profiled_runs = 20'000;

struct Options {
  SessionFlags flags{};
  std::string format = "text";
  double seconds = 2;
  bool profile = false;
};

double ms_since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

/// Linux counts in getrusage() what the process that started this one held, too: a small model's peak would be the shell's.
std::uint64_t peak_rss_bytes() {
  if (std::FILE* status = std::fopen("/proc/self/status", "r")) {
    char line[256];
    unsigned long long kilobytes = 0;
    while (kilobytes == 0 && std::fgets(line, sizeof(line), status)) std::sscanf(line, "VmHWM: %llu kB", &kilobytes);
    std::fclose(status);
    if (kilobytes > 0) return std::uint64_t{kilobytes} * 1024;
  }
  rusage usage{};
  return ::getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<std::uint64_t>(usage.ru_maxrss) * 1024 : 0;
}

/// A run, with a message where it fails.
bool run_once(Session& session, std::span<const Tensor> inputs, const std::string& model, Exit& exit) {
  const auto result = session.try_run(inputs);
  if (result.ok()) return true;
  Report report = result.error();
  if (report.model.empty()) report.model = model;
  print_errors(report);
  exit = Exit::errors;
  return false;
}

/// Times of nodes, from a Session of its own: taking them costs some nanoseconds each, which are to be in no other figure.
std::optional<ProfileTable> profile(const Model& model, const Options& options, std::span<const Tensor> inputs, Exit& exit) {
  SessionFlags flags = options.flags;
  flags.profile = true;
  auto session = open_session(model, flags, exit);
  if (!session || !run_once(*session, inputs, flags.model, exit)) return std::nullopt;
  ProfileTable table;
  const auto start = Clock::now();
  for (std::size_t runs = 0; runs < fewest_runs || (ms_since(start) < options.seconds * 1000 && runs < most_profiled_runs);
       ++runs) {
    if (!run_once(*session, inputs, flags.model, exit)) return std::nullopt;
    table.add(*session);
  }
  return table;
}

Exit run(const Options& options) {
  Exit exit = Exit::fine;
  const auto begin = Clock::now();
  const auto model = load(options.flags.model, exit);
  if (!model) return exit;
  const double load_ms = ms_since(begin);
  const auto opening = Clock::now();
  auto session = open_session(*model, options.flags, exit);
  if (!session) return exit;
  double first_ms = ms_since(opening);  // planning and packing belong to it, making up inputs does not
  std::mt19937_64 random(options.flags.seed);
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < session->input_count(); ++i) inputs.push_back(random_input(session->input_type(i), random));
  const auto first = Clock::now();
  if (!run_once(*session, inputs, options.flags.model, exit)) return exit;
  first_ms += ms_since(first);
  std::vector<double> times;
  for (const auto start = Clock::now();
       times.size() < fewest_runs || (ms_since(start) < options.seconds * 1000 && times.size() < most_runs);) {
    const auto one = Clock::now();
    if (!run_once(*session, inputs, options.flags.model, exit)) return exit;
    times.push_back(ms_since(one));
  }
  std::ranges::sort(times);
  const auto at = [&](double part) { return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))]; };
  const SessionStats stats = session->stats();
  const std::uint64_t peak = peak_rss_bytes();
  session.reset();
  std::optional<ProfileTable> nodes;
  if (options.profile) {
    nodes = profile(*model, options, inputs, exit);
    if (!nodes) return exit;
  }
  if (options.format == "json") {
    using Json = nlohmann::ordered_json;
    Json json{{"model", options.flags.model},
              {"kernels", options.flags.kernels},
              {"threads", stats.threads},
              {"load_ms", load_ms},
              {"first_run_ms", first_ms},
              {"run_ms", {{"min", times.front()}, {"median", at(0.5)}, {"p95", at(0.95)}}},
              {"runs", times.size()},
              {"peak_rss_bytes", peak},
              {"arena_bytes", stats.arena_bytes},
              {"packed_bytes", stats.packed_bytes},
              {"cached_bytes", stats.cached_bytes}};
    if (nodes) nodes->write(json);
    std::printf("%s\n", json.dump(1, ' ', false, Json::error_handler_t::replace).c_str());
    return Exit::fine;
  }
  std::printf("%s, %s kernels, %d thread%s\n", options.flags.model.c_str(), options.flags.kernels.c_str(), stats.threads,
              stats.threads == 1 ? "" : "s");
  std::printf("  load       %10.3f ms\n  first run  %10.3f ms\n", load_ms, first_ms);
  std::printf("  run        %10.3f ms median of %zu, %.3f least, %.3f at 95%%\n", at(0.5), times.size(), times.front(), at(0.95));
  std::printf("  memory     %10.1f MB resident at most, %.1f kB activations, %.1f kB packed\n", static_cast<double>(peak) / 1e6,
              static_cast<double>(stats.arena_bytes) / 1e3, static_cast<double>(stats.packed_bytes) / 1e3);
  if (nodes) std::printf("\n%s", nodes->text().c_str());
  return Exit::fine;
}

void add(CLI::App& app, Exit& exit) {
  const auto options = std::make_shared<Options>();
  add_session_flags(app, options->flags);
  app.add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.add_option("--seconds", options->seconds, "How long to go on running")->check(CLI::Range(0.0, 3600.0));
  app.add_flag("--profile", options->profile,
               "And what each node takes, sorted: time, kernel, multiply-adds and bytes per second");
  app.callback([options, &exit] { exit = run(*options); });
}

}  // namespace

extern constexpr Command bench{.name = "bench",
                               .summary = "Measure times of loading and running, and memory",
                               .examples =
                                   "  qgraph bench model.tflite\n"
                                   "  qgraph bench model.tflite --threads 2 --seconds 5 --format json\n"
                                   "  qgraph bench model.tflite --profile",
                               .rank = 7,
                               .add = &add};

}  // namespace qgraph::cli::commands
