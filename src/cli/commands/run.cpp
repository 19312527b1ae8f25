// qgraph run: inputs from .npy files or a seed, outputs to .npy files.
#include <spdlog/fmt/fmt.h>

#include <charconv>
#include <cstdio>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/npy.hpp"
#include "cli/session_run.hpp"
#include "runtime/trace.hpp"

namespace qgraph::cli::commands {
namespace {

struct Options {
  SessionFlags flags{};
  std::string output{}, dump{};
  std::vector<std::vector<std::string>> steps{{}};  ///< "K=FILE" of each run
};

int complain(const std::string& text) {
  std::fprintf(stderr, "qgraph: %s\n", text.c_str());
  return static_cast<int>(Exit::usage);
}

/// K of "K=FILE": a position, or the name of an input.
std::optional<std::size_t> input_position(const Session& session, std::string_view key) {
  for (std::size_t i = 0; i < session.input_count(); ++i)
    if (session.input_name(i) == key) return i;
  std::size_t position = 0;
  const auto [end, ec] = std::from_chars(key.data(), key.data() + key.size(), position);
  if (ec != std::errc{} || end != key.data() + key.size() || position >= session.input_count()) return std::nullopt;
  return position;
}

std::string inputs_text(const Session& session) {
  std::string text;
  for (std::size_t i = 0; i < session.input_count(); ++i)
    text += fmt::format("\n  {}  {}  {}", i, session.input_type(i).to_string(), session.input_name(i));
  return text.empty() ? "it has no inputs" : "its inputs are" + text;
}

/// The inputs of one run; nothing, and a message, where one is not right.
std::optional<std::vector<Tensor>> read_inputs(const Session& session, const std::vector<std::string>& given,
                                               std::mt19937_64& random) {
  std::vector<std::optional<Tensor>> inputs(session.input_count());
  for (const std::string& each : given) {
    // A name may have '=' in it; a file's path hardly.
    const std::size_t equals = each.rfind('=');
    const auto position =
        equals == std::string::npos ? std::nullopt : input_position(session, std::string_view(each).substr(0, equals));
    if (!position) {
      complain(fmt::format("-i {}: no such input (K=FILE.npy, K a position or a name); {}", each, inputs_text(session)));
      return std::nullopt;
    }
    Result<Tensor> array = read_npy(each.substr(equals + 1));
    if (array.ok()) array = as_input(std::move(*array), session.input_type(*position));
    if (!array.ok()) {
      complain(fmt::format("-i {}: {}", each, array.error().diagnostics[0].headline));
      return std::nullopt;
    }
    inputs[*position] = std::move(*array);
  }
  std::vector<Tensor> out;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    out.push_back(inputs[i] ? std::move(*inputs[i]) : random_input(session.input_type(i), random));
  return out;
}

/// Every node's outputs of the main graph, as node_tensor.npy by their positions in the file.
void dump_nodes(Session& session, const std::string& directory) {
  runtime::set_trace(session, [directory](const runtime::Traced& t) {
    if (t.graph.value != 0 || !t.node || !t.tensor || !t.value.type) return;
    const auto bytes = npy_bytes(*t.value.type, t.value.bytes);
    if (!bytes.ok()) return;
    const std::string file = fmt::format("{:04}_{}_{}.npy", t.node->source_index, t.node->op_name(), t.tensor->source_index);
    (void)write_file(std::filesystem::path(directory) / file, *bytes);
  });
}

Exit run_model(const Options& options) {
  Exit exit = Exit::fine;
  const auto model = load(options.flags.model, exit);
  if (!model) return exit;
  auto session = open_session(*model, options.flags, exit);
  if (!session) return exit;
  if (!options.dump.empty()) {
    if (!make_directory(options.dump)) return Exit::usage;
    dump_nodes(*session, options.dump);
  }
  std::mt19937_64 random(options.flags.seed);
  std::span<const TensorView> outputs;
  for (const std::vector<std::string>& given : options.steps) {
    const auto inputs = read_inputs(*session, given, random);
    if (!inputs) return Exit::usage;
    Result<std::span<const TensorView>> result = session->try_run(*inputs);
    if (!result.ok()) {
      Report report = result.error();
      if (report.model.empty()) report.model = options.flags.model;
      print_errors(report);
      return Exit::errors;
    }
    outputs = *result;
  }
  if (!options.output.empty() && !make_directory(options.output)) return Exit::usage;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    if (options.output.empty()) {
      std::printf("%zu  %s  %s\n", k, outputs[k].type->to_string().c_str(), session->output_name(k).c_str());
      continue;
    }
    const auto bytes = npy_bytes(*outputs[k].type, outputs[k].bytes);
    if (!bytes.ok()) {
      std::fprintf(stderr, "qgraph: output %zu: %s\n", k, bytes.error().diagnostics[0].headline.c_str());
      return Exit::errors;
    }
    if (!write_file(std::filesystem::path(options.output) / fmt::format("out_{}.npy", k), *bytes)) return Exit::usage;
  }
  return Exit::fine;
}

void add(CLI::App& app, Exit& exit) {
  const auto options = std::make_shared<Options>();
  add_session_flags(app, options->flags);
  CLI::Option* input = app.add_option("-i,--input", "K=FILE.npy: input K, by position or name; inputs not given are random")
                           ->type_name("K=FILE")
                           ->take_all()
                           ->allow_extra_args(false);
  CLI::Option* next = app.add_flag("--next")->description("The -i that follow are for one more run, which keeps the state");
  app.add_option("-o,--output", options->output,
                 "Directory for the last run's out_K.npy; without it the outputs are only listed");
  app.add_option("--dump", options->dump,
                 "Directory for the last run's output of every node: NODE_op_TENSOR.npy, positions in the file");
  app.callback([&app, options, input, next, &exit] {
    // The order of -i and --next on the command line says which run an input is for.
    std::size_t taken = 0;
    for (const CLI::Option* option : app.parse_order()) {
      if (option == next) options->steps.emplace_back();
      if (option == input) options->steps.back().push_back(input->results().at(taken++));
    }
    exit = run_model(*options);
  });
}

}  // namespace

extern constexpr Command run{.name = "run",
                             .summary = "Run a model and write its outputs",
                             .examples =
                                 "  qgraph run model.tflite -i 0=input.npy -o outputs\n"
                                 "  qgraph run stateful.tflite -i 0=first.npy --next -i 0=second.npy -o outputs\n"
                                 "  qgraph run model.tflite --seed 7 --kernels reference",
                             .rank = 2,
                             .add = &add};

}  // namespace qgraph::cli::commands
