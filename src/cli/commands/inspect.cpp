// qgraph inspect: what is in a model: inputs, outputs, ops by dtype, tensors with quantization, sizes.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/overview.hpp"
#include "diagnose/words.hpp"

namespace qgraph::cli::commands {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string model{}, format = "text";
  bool verbose = false;
};

template <class T>
std::string some(const std::vector<T>& values) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(values.size(), 3); ++i)
    text += (i ? ", " : "") + diagnose::number_text(static_cast<double>(values[i]));
  return values.size() > 3 ? fmt::format("{}, ... ({})", text, values.size()) : text;
}

std::string quantization_text(const TensorLine& t) {
  if (t.scales.empty()) return {};
  std::string text = "  scale " + some(t.scales);
  if (std::ranges::any_of(t.zero_points, [](std::int64_t z) { return z != 0; })) text += "  zero_point " + some(t.zero_points);
  if (t.scales.size() > 1 && t.axis >= 0) text += fmt::format("  axis {}", t.axis);
  if (t.block_size > 0) text += fmt::format("  blocks of {}", t.block_size);
  return text;
}

void print_line(const TensorLine& t) {
  std::printf("  %s\n", fmt::format("{:>4}  {}{}  {}{}{}", t.index, t.dtype, t.shape, t.name, quantization_text(t),
                                    t.bytes ? fmt::format("  {} bytes", t.bytes) : "")
                            .c_str());
}

void print_text(const Overview& o, const Options& options) {
  std::printf("%s: %s\n", options.model.c_str(),
              fmt::format("{}{}{}, {} bytes", o.format, o.format_version ? fmt::format(" version {}", o.format_version) : "",
                          o.producer.empty() ? "" : " by " + o.producer, o.file_bytes)
                  .c_str());
  std::printf("  %zu graph%s, %zu nodes, %zu tensors, %llu bytes of constants\n", o.graphs, o.graphs == 1 ? "" : "s", o.nodes,
              o.tensors.size(), static_cast<unsigned long long>(o.constant_bytes));
  for (std::size_t i = 0; i < o.signatures.size(); ++i) std::printf("  signature %zu '%s'\n", i, o.signatures[i].c_str());
  std::printf("inputs\n");
  for (const TensorLine& t : o.inputs) print_line(t);
  std::printf("outputs\n");
  for (const TensorLine& t : o.outputs) print_line(t);
  std::printf("ops\n");
  for (const auto& [op, count] : o.ops) std::printf("  %4zu  %s\n", count, op.c_str());
  std::printf(options.verbose ? "tensors\n" : "quantized tensors\n");
  for (const TensorLine& t : o.tensors)
    if (options.verbose || !t.scales.empty()) print_line(t);
}

Json tensor_json(const TensorLine& t) {
  Json quantization;
  if (!t.scales.empty())
    quantization = Json{{"scales", t.scales},
                        {"zero_points", t.zero_points},
                        {"axis", t.axis < 0 ? Json() : Json(t.axis)},
                        {"block_size", t.block_size > 0 ? Json(t.block_size) : Json()}};
  return Json{{"index", t.index}, {"graph", t.graph}, {"name", t.name},   {"dtype", t.dtype},
              {"shape", t.shape}, {"role", t.role},   {"bytes", t.bytes}, {"quantization", quantization}};
}

Json tensors_json(const std::vector<TensorLine>& lines) {
  Json out = Json::array();
  for (const TensorLine& t : lines) out.push_back(tensor_json(t));
  return out;
}

Exit run(const Options& options) {
  if (!can_open(options.model)) return Exit::usage;
  Opened opened = open_model(std::filesystem::path(options.model), {});
  const auto overview = overview_of(opened);
  if (!overview) {
    Report report = diagnose::to_report(opened.source.get(), diagnose::fold(std::move(opened.findings)));
    report.model = options.model;
    print_errors(report);
    return Exit::errors;
  }
  if (options.format == "json") {
    const Json json{{"model", options.model},
                    {"format", overview->format},
                    {"format_version", overview->format_version},
                    {"producer", overview->producer},
                    {"file_bytes", overview->file_bytes},
                    {"constant_bytes", overview->constant_bytes},
                    {"graphs", overview->graphs},
                    {"nodes", overview->nodes},
                    {"signatures", overview->signatures},
                    {"inputs", tensors_json(overview->inputs)},
                    {"outputs", tensors_json(overview->outputs)},
                    {"ops", overview->ops},
                    {"tensors", tensors_json(overview->tensors)}};
    std::printf("%s\n", json.dump(1, ' ', false, Json::error_handler_t::replace).c_str());
  } else {
    print_text(*overview, options);
  }
  if (!opened.findings.any_error()) return Exit::fine;
  Report report = diagnose::to_report(opened.source.get(), diagnose::fold(std::move(opened.findings)));
  report.model = options.model;
  print_errors(report);
  return Exit::errors;
}

void add(CLI::App& app, Exit& exit) {
  const auto options = std::make_shared<Options>();
  app.add_option("MODEL", options->model, "The model file")->required();
  app.add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.add_flag("-v,--verbose", options->verbose, "List all tensors, not only the quantized ones");
  app.callback([options, &exit] { exit = run(*options); });
}

}  // namespace

extern constexpr Command inspect{.name = "inspect",
                                 .summary = "Show inputs, outputs, ops by dtype, tensors with quantization, sizes",
                                 .examples =
                                     "  qgraph inspect model.tflite\n"
                                     "  qgraph inspect model.tflite --format json",
                                 .rank = 3,
                                 .add = &add};

}  // namespace qgraph::cli::commands
