// Cases of tests/ops/*.json.
#include "support/case.hpp"

#include <algorithm>

#include "ops/op_def.hpp"
#include "support/files.hpp"

namespace qgraph::test {
namespace {

/// Where nothing but moves happens, floats too must be equal bit for bit.
bool only_moves(const Model& model) {
  const auto moves = [](const Node& node) { return node.op != nullptr && node.op->moves_bytes; };
  return std::ranges::all_of(model.graphs(), [&](const Graph& graph) { return std::ranges::all_of(graph.nodes(), moves); });
}

}  // namespace

std::vector<Case> read_cases(const std::filesystem::path& file) {
  const auto json = nlohmann::json::parse(read_text(file));
  std::vector<Case> cases;
  for (const auto& from : json.at("cases")) {
    Case& c = cases.emplace_back();
    c.name = file.stem().string() + "/" + from.at("name").get<std::string>();
    c.by = from.at("by");
    c.model = from_base64(from.at(from.contains("onnx") ? "onnx" : "tflite"));
    c.code = from.value("code", "");
    if (from.contains("tolerance")) c.tolerance = from["tolerance"].get<double>();
    for (const auto& run : from.value("runs", nlohmann::json::array())) {
      Run& r = c.runs.emplace_back();
      for (const auto& t : run.at("inputs")) r.inputs.push_back(tensor_from_json(t));
      for (const auto& t : run.at("outputs")) r.outputs.push_back(tensor_from_json(t));
    }
  }
  return cases;
}

std::string run_case(const Model& model, const Case& c, const SessionOptions& options) {
  auto session = Session::create(model, options);
  if (!session.ok()) return "no session: " + session.error().to_string();
  Tolerance tolerance{.bits = only_moves(model)};
  if (c.tolerance) tolerance = {.fraction = *c.tolerance, .steps = static_cast<std::int64_t>(*c.tolerance)};
  for (std::size_t i = 0; i < c.runs.size(); ++i) {
    const auto outputs = session->try_run(c.runs[i].inputs);
    const std::string where = "run " + std::to_string(i) + ": ";
    if (!outputs.ok()) return where + outputs.error().to_string();
    if (outputs->size() != c.runs[i].outputs.size()) return where + std::to_string(outputs->size()) + " outputs";
    for (std::size_t k = 0; k < outputs->size(); ++k)
      if (std::string d = difference((*outputs)[k], c.runs[i].outputs[k], tolerance); !d.empty())
        return where + "output " + std::to_string(k) + ": " + d;
  }
  return {};
}

}  // namespace qgraph::test
