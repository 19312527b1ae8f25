// qgraph ops: which ops of which formats are supported, and with which dtypes.
#include <algorithm>
#include <climits>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "formats/format.hpp"
#include "ops/op_def.hpp"

namespace qgraph::cli::commands {
namespace {

struct Options {
  std::string format = "text", only{};
};

/// The dtypes of the primary operand that the op's kernels take.
std::vector<std::string> dtypes_of(const OpDef& op) {
  std::vector<std::string> out;
  for (const KernelDef& k : op.reference) {
    const std::string word(k.primary == DType::unknown ? "any" : name(k.primary));
    if (std::ranges::find(out, word) == out.end()) out.push_back(word);
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& w : words) text += (text.empty() ? "" : " ") + w;
  return text;
}

Exit run(const Options& options) {
  using Json = nlohmann::ordered_json;
  Json json = Json::array();
  const auto add_row = [&](std::string_view format, std::string_view op, std::string_view domain, int newest, std::string_view to,
                           const std::vector<std::string>& dtypes) {
    if (options.format == "json") {
      json.push_back(Json{{"format", format},
                          {"op", op},
                          {"domain", domain},
                          {"max_version", newest == INT_MAX ? Json() : Json(newest)},
                          {"canonical", to.empty() ? Json() : Json(to)},
                          {"dtypes", dtypes}});
      return;
    }
    std::string to_text(to.empty() ? "(composed)" : to);
    std::printf("%-8s %-36s %-28s %s\n", std::string(format).c_str(), std::string(op).c_str(), to_text.c_str(),
                joined(dtypes).c_str());
  };
  for (const Format* format : all_formats()) {
    if (!options.only.empty() && format->name != options.only) continue;
    for (const OpRow& row : format->ops) {
      const OpDef* op = row.to.empty() ? nullptr : find_op(row.to);
      add_row(format->name, row.op, row.domain, row.max_version, row.to, op ? dtypes_of(*op) : std::vector<std::string>());
    }
  }
  if (options.only.empty() || options.only == "qgraph")
    for (const OpDef* op : all_ops()) add_row("qgraph", op->name, "qgraph", INT_MAX, op->name, dtypes_of(*op));
  if (options.format == "json") std::printf("%s\n", json.dump(1).c_str());
  return Exit::fine;
}

void add(CLI::App& app, Exit& exit) {
  const auto options = std::make_shared<Options>();
  app.add_option("FORMAT", options->only, "Only this format's: tflite, onnx, ...; qgraph: the canonical ops");
  app.add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.callback([options, &exit] { exit = run(*options); });
}

}  // namespace

extern constexpr Command ops{.name = "ops",
                             .summary = "List the supported ops of each format with their dtypes",
                             .examples =
                                 "  qgraph ops tflite\n"
                                 "  qgraph ops --format json",
                             .rank = 9,
                             .add = &add};

}  // namespace qgraph::cli::commands
