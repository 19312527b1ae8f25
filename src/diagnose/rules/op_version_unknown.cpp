// QG2010: an op version that is newer, or older, than any that is understood.
#include <spdlog/fmt/fmt.h>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

std::string_view without_mark(std::string_view options) { return options.substr(0, options.find('?')); }

/// The versions that rows of the format's table understand; nothing where a row takes this node's.
struct Versions {
  bool fits = false, known = false;
  int oldest = INT_MAX, newest = 0;
  const OpRow* newest_row = nullptr;
};

Versions versions_of(const source::Model& model, const source::SourceNode& node) {
  Versions v;
  for (const OpRow& row : model.op_rows) {
    if (row.op != node.op || row.domain != node.domain) continue;
    v.known = true;
    v.fits = v.fits || (node.version >= row.min_version && node.version <= row.max_version);
    v.oldest = std::min(v.oldest, row.min_version);
    if (row.max_version >= v.newest) {
      v.newest = row.max_version;
      v.newest_row = &row;
    }
  }
  return v;
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    if (broken.any(ref)) return;
    const Versions v = versions_of(c.model, node);
    if (!v.known || v.fits) return;
    // A host's handler may take any version.
    const auto handler =
        c.registry.find({.op = std::string(node.op), .domain = std::string(node.domain), .version = node.version});
    if (handler.ok() && node.version >= (*handler)->min_version && node.version <= (*handler)->max_version) return;
    Finding f = finding(Severity::error, Cause::unsupported_version,
                        fmt::format("{} version {} is {} than any that is known", node.op, node.version,
                                    node.version > v.newest ? "newer" : "older"),
                        {c.model.place(ref)});
    Diagnostic& d = f.diagnostic;
    d.found = fmt::format("{} version {}", node.op, node.version);
    d.expected = fmt::format("version {} to {}", v.oldest, v.newest);
    d.evidence = {evidence("found", d.found), evidence("known", d.expected)};
    const std::string_view wanted = without_mark(v.newest_row->options);
    const bool same_options = wanted == node.options_kind || (node.options_kind.empty() && v.newest_row->options.ends_with('?'));
    if (node.version > v.newest && same_options) {
      if (!node.options_kind.empty())
        d.evidence.push_back(evidence("options", fmt::format("{}, as version {} has them", node.options_kind, v.newest)));
      d.why = "a converter stamps the version; the operands and options here are those of a known one";
      d.fix = fix("known-version", Confidence::safe, fmt::format("read it as version {}", v.newest), 0.0);
      f.edits = {source::SetVersion{ref, v.newest}};
    } else {
      d.why = "what a version changes is not in the file";
    }
    f.rests_on = {Fact::node(ref, Aspect::existence)};
    f.breaks = {Fact::node(ref, Aspect::attributes)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule op_version_unknown{
    .code = "QG2010",
    .title = "an op version that is not known",
    .phase = Phase::ops,
    .explanation =
        R"(Each op of the file carries a version, stamped by the converter; runtimes refuse versions newer than they know. Here
the number is beyond any that this version of qgraph knows.

Where operands and options are those of a known version, the number alone is wrong or needlessly high: the mend stamps
the newest known version, and the meaning stays. Otherwise a newer qgraph, or a conversion for an older runtime, is
needed.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
