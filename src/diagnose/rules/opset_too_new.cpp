// QG2013: an operator set, or a version of the file format, that is newer than any known one.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "diagnose/onnx_opsets.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

struct Newest {
  std::string_view domain;
  int version;
};
/// onnx 1.23 (onnx/defs/schema.h, DomainToVersionRange).
constexpr std::array newest{Newest{"ai.onnx", 28}, Newest{"ai.onnx.ml", 6}, Newest{"ai.onnx.preview.training", 1}};
constexpr int newest_file_version = 14;
/// What runtimes have implemented for years: one for graphs of 8 bits, and the first that holds all quantized dtypes.
constexpr std::array settled_opsets{19, 21};

/// Every node of ai.onnx has what it uses in that operator set, and means there what it means in the newest.
bool means_the_same(const RuleContext& c, int opset, int newest_opset) {
  bool same = true;
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    if (node.domain != "ai.onnx" || c.model.graphs[ref.graph].function || !same) return;
    source::SourceNode older = node;
    older.version = opset;
    for (const source::TensorRef t : node.inputs) {
      if (!t || t.dangling()) continue;
      const DType dtype = c.model[t].dtype;
      same = same && bits(dtype) != 2 && (opset >= 21 || bits(dtype) != 4) &&
             (opset >= 21 || bits(dtype) != 16 || !is_integer(dtype));
    }
    same = same && !newest_of(c.model, older) && last_opset_of_meaning(c.model, c.uses, older) >= newest_opset;
  });
  return same;
}

void report(const RuleContext& c, const std::string& domain, int version, int known, Findings& findings) {
  bool used = false, all_known = true;
  Place place{};
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    if (node.domain != domain) return;
    if (!used) place = c.model.place(ref);
    used = true;
    all_known = all_known && c.registry.knows(node.op, node.domain);
  });
  place.attribute = "opset_import";
  Finding f = finding(Severity::warning, Cause::unsupported_version,
                      fmt::format("the file imports version {} of {}; the newest known is {}", version, in_quotes(domain), known),
                      {std::move(place)});
  Diagnostic& d = f.diagnostic;
  d.expected = fmt::format("{} {} or older", domain, known);
  d.found = fmt::format("{} {}", domain, version);
  d.evidence = {evidence("imported", d.found), evidence("used", used ? "by nodes" : "by no node")};
  d.why = "runtimes refuse a version that they do not know, whatever of it is used";
  if (!used) {
    d.fix = fix("remove-import", Confidence::safe, fmt::format("import {} no more", in_quotes(domain)), 0.0);
    f.edits = {source::SetDomainVersion{domain, 0}};
  } else if (all_known) {
    d.evidence.push_back(evidence("ops", "all of them are known"));
    const auto settled = std::find_if(settled_opsets.begin(), settled_opsets.end(),
                                      [&](int opset) { return domain == "ai.onnx" && means_the_same(c, opset, known); });
    const bool is_settled = settled != settled_opsets.end();
    const int target = is_settled ? *settled : known;
    d.fix =
        fix("known-import", Confidence::likely,
            fmt::format("import version {} of {}, {}", target, in_quotes(domain),
                        is_settled ? "which runtimes have: its nodes mean the same there" : "by which its nodes are read here"));
    f.edits = {source::SetDomainVersion{domain, target}};
  }
  findings.add(std::move(f));
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  for (const auto& [domain, version] : c.model.domains)
    for (const Newest& n : newest)
      if (n.domain == domain && version > n.version) report(c, domain, version, n.version, findings);
  if (c.model.format_version <= newest_file_version) return;
  Finding f = finding(
      Severity::warning, Cause::unsupported_version,
      fmt::format("the file has IR version {}; the newest known is {}", c.model.format_version, newest_file_version), {Place{}});
  Diagnostic& d = f.diagnostic;
  d.expected = fmt::format("IR version {} or older", newest_file_version);
  d.found = fmt::format("IR version {}", c.model.format_version);
  d.evidence = {evidence("stored", d.found)};
  d.why = "runtimes refuse a newer version of the format, whatever of it is used";
  d.fix = fix("newest-known-version", Confidence::likely,
              fmt::format("stamp IR version {}: all that the file holds was read by it", newest_file_version));
  f.edits = {source::SetFileVersion{newest_file_version}};
  findings.add(std::move(f));
}

}  // namespace

extern constexpr Rule opset_too_new{
    .code = "QG2013",
    .title = "a version is newer than any known one",
    .phase = Phase::ops,
    .explanation =
        R"(An ONNX file says which version of each operator set its nodes are written for, and which version of the format it has
itself. Here one of them is newer than all that this build knows. Runtimes refuse such files on sight, though most
operators did not change, and though the import is often of a domain that no node uses.

An import that nothing uses is removed (no change). Otherwise, where every node has what it uses in opset 19 (or 21,
for values of 4 and 16 bits), which runtimes have implemented for years, and means the same there, the mend imports
that; else the newest known version, by which the nodes are read here anyway.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
