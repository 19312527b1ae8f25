// Reports as SARIF 2.1.0 (OASIS), which code hosts and editors show. A model has no lines: places are logical locations.
#include <map>
#include <nlohmann/json.hpp>

#include "diagnose/render.hpp"
#include "diagnose/rule.hpp"

namespace qgraph::diagnose {
namespace {

using Json = nlohmann::ordered_json;

Json location(const Report& report, const Place* p) {
  Json physical{{"artifactLocation", {{"uri", report.model}}}};
  if (p && p->byte_offset >= 0) physical["region"] = Json{{"byteOffset", p->byte_offset}};
  Json out{{"physicalLocation", physical}};
  Json logical = Json::array();
  if (p && p->node_index >= 0)
    logical.push_back(Json{{"name", p->node_name},
                           {"fullyQualifiedName", "graph " + std::to_string(p->graph) + "/node " + std::to_string(p->node_index)},
                           {"kind", "function"}});
  if (p && (p->tensor_index >= 0 || !p->tensor.empty()))
    logical.push_back(
        Json{{"name", p->tensor},
             {"fullyQualifiedName", "graph " + std::to_string(p->graph) + "/tensor " + std::to_string(p->tensor_index)},
             {"kind", "variable"}});
  if (!logical.empty()) out["logicalLocations"] = logical;
  return out;
}

std::string message(const Diagnostic& d) {
  std::string text = d.headline;
  for (const std::string& e : d.evidence) text += "\n" + e;
  if (!d.why.empty()) text += "\nwhy: " + d.why;
  if (d.fix) text += "\nfix (" + std::string(name(d.fix->confidence)) + "): " + d.fix->description;
  return text;
}

}  // namespace

std::string render_sarif(std::span<const Report> reports) {
  Json rules = Json::array();
  std::map<std::string_view, std::size_t> position;
  for (const Rule* rule : all_rules()) {
    position[rule->code] = rules.size();
    rules.push_back(
        Json{{"id", rule->code}, {"shortDescription", {{"text", rule->title}}}, {"help", {{"text", rule->explanation}}}});
  }
  Json results = Json::array();
  for (const Report& report : reports) {
    for (const Diagnostic& d : report.diagnostics) {
      Json locations = Json::array();
      for (const Place& p : d.places) locations.push_back(location(report, &p));
      if (locations.empty()) locations.push_back(location(report, nullptr));
      Json result{{"ruleId", d.code},
                  {"level", name(d.severity)},
                  {"message", {{"text", message(d)}}},
                  {"locations", locations},
                  {"properties", {{"cause", name(d.cause)}}}};
      if (const auto it = position.find(d.code); it != position.end()) result["ruleIndex"] = it->second;
      results.push_back(std::move(result));
    }
  }
  const Json driver{{"name", "qgraph"}, {"rules", rules}};
  const Json run{{"tool", {{"driver", driver}}}, {"columnKind", "unicodeCodePoints"}, {"results", results}};
  const Json sarif{
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", Json::array({run})}};
  return sarif.dump(1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace qgraph::diagnose
