// A Report as JSON. The field names are a contract (DESIGN.md, "The command line").
#include <nlohmann/json.hpp>

#include "diagnose/render.hpp"

namespace qgraph::diagnose {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& s) { return s.empty() ? Json() : Json(s); }
Json index_or_null(std::int64_t i) { return i < 0 ? Json() : Json(i); }

Json place_json(const Place& p) {
  Json node;
  if (p.node_index >= 0)
    node = Json{{"index", p.node_index}, {"name", text_or_null(p.node_name)}, {"op", text_or_null(p.op)}, {"graph", p.graph}};
  return Json{{"node", node},
              {"tensor", text_or_null(p.tensor)},
              {"tensor_index", index_or_null(p.tensor_index)},
              {"attribute", text_or_null(p.attribute)},
              {"input", index_or_null(p.input)},
              {"byte_offset", index_or_null(p.byte_offset)}};
}

Json fix_json(const Fix& fix) {
  return Json{{"id", fix.id},
              {"confidence", name(fix.confidence)},
              {"max_change", fix.max_change ? Json(*fix.max_change) : Json()},
              {"description", text_or_null(fix.description)}};
}

// NOLINTNEXTLINE(misc-no-recursion): consequences have none of their own
Json diagnostic_json(const Diagnostic& d) {
  Json places = Json::array(), consequences = Json::array();
  for (const Place& p : d.places) places.push_back(place_json(p));
  for (const Diagnostic& c : d.consequences) consequences.push_back(diagnostic_json(c));
  return Json{{"code", d.code},
              {"severity", name(d.severity)},
              {"cause", name(d.cause)},
              {"message", d.headline},
              {"places", places},
              {"expected", text_or_null(d.expected)},
              {"found", text_or_null(d.found)},
              {"why", text_or_null(d.why)},
              {"fix", d.fix ? fix_json(*d.fix) : Json()},
              {"evidence", d.evidence},
              {"consequences", consequences}};
}

}  // namespace

std::string render_json(const Report& report, bool loadable, int indent) {
  Json diagnostics = Json::array();
  for (const Diagnostic& d : report.diagnostics) diagnostics.push_back(diagnostic_json(d));
  const Json json{
      {"model", report.model}, {"format", text_or_null(report.format)}, {"loadable", loadable}, {"diagnostics", diagnostics}};
  // Names of a file may be any bytes: what is no UTF-8 is replaced.
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace qgraph::diagnose
