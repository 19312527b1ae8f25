// QG2011: a node uses what its operator set does not have yet.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <climits>

#include "diagnose/onnx_opsets.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

struct Use {
  int since = 0;
  std::string what{}, attribute{};
};

/// The newest thing that a quantizing node uses, with the opset that brought it.
std::optional<Use> newest_use(const source::Model& m, const source::SourceNode& node) {
  if (node.op != "QuantizeLinear" && node.op != "DequantizeLinear") return std::nullopt;
  if (const auto block = m.attribute(node, "block_size"))
    if (const auto* n = std::get_if<std::int64_t>(&*block); n && *n != 0) return Use{21, "blocks of scales", "block_size"};
  for (const source::TensorRef t : node.inputs)
    if (t && !t.dangling() && is_integer(m[t].dtype) && (bits(m[t].dtype) == 16 || bits(m[t].dtype) == 4))
      return Use{21, fmt::format("{} values", name(m[t].dtype)), {}};
  if (m.attribute(node, "axis")) return Use{13, "the attribute axis", "axis"};
  return std::nullopt;
}

/// The attribute can go, and the node means the same.
bool idle(const Use& use, const source::Model& m, const source::SourceNode& node) {
  return !use.attribute.empty() && says_nothing(m, node, use.attribute);
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  int needed = 0, until = INT_MAX;
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    // A function imports its own operator sets.
    if (node.domain != "ai.onnx" || c.model.graphs[ref.graph].function) return;
    if (const auto use = newest_use(c.model, node); use && !idle(*use, c.model, node)) needed = std::max(needed, use->since);
    if (const auto newer = newest_of(c.model, node); newer && !newer->says_nothing) needed = std::max(needed, newer->since);
    until = std::min(until, last_opset_of_meaning(c.model, c.uses, node));
  });
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    if (node.domain != "ai.onnx" || broken.any(ref)) return;
    auto use = newest_use(c.model, node);
    const bool refused = use && node.version < use->since;
    if (!refused) {
      // Read here as the newer operator set has it, which is what was meant; others refuse it.
      const auto newer = source::row_of(c.model, node) ? newest_of(c.model, node) : std::nullopt;
      if (!newer) return;
      use = Use{newer->since, newer->attribute.empty() ? std::string() : fmt::format("the attribute {}", newer->attribute),
                std::string(newer->attribute)};
    }
    Place place = c.model.place(ref);
    place.attribute = use->attribute;
    Finding f = finding(refused ? Severity::error : Severity::warning, Cause::unsupported_version,
                        use->what.empty() ? fmt::format("{} {} is an op that opset {} does not have", node.op,
                                                        in_quotes(c.model.display_name(ref)), node.version)
                                          : fmt::format("{} {} uses {}, which opset {} does not have", node.op,
                                                        in_quotes(c.model.display_name(ref)), use->what, node.version),
                        {std::move(place)});
    if (use->what.empty()) use->what = std::string(node.op);
    Diagnostic& d = f.diagnostic;
    d.expected = fmt::format("opset {}", use->since);
    d.found = fmt::format("opset {} with {}", node.version, use->what);
    d.evidence = {evidence("imported", fmt::format("ai.onnx {}", node.version)),
                  evidence("needs", fmt::format("{}: from opset {} on", use->what, use->since))};
    d.why = "a tool wrote nodes of a newer operator set and left the import as it was";
    if (idle(*use, c.model, node)) {
      d.evidence.push_back(evidence("says", "nothing that the node would not mean without it"));
      d.fix = fix("drop-attribute", Confidence::safe,
                  fmt::format("leave {} out, with which {} means the same", use->attribute, in_quotes(c.model.display_name(ref))),
                  0.0);
      f.edits = {source::SetAttribute{ref, use->attribute, std::nullopt}};
    } else if (until >= needed && !c.model.graphs[ref.graph].function) {
      d.evidence.push_back(evidence("others", fmt::format("every node means the same in opset {}", needed)));
      d.fix = fix("raise-opset", Confidence::likely, fmt::format("import opset {}", needed));
      f.edits = {source::SetDomainVersion{"ai.onnx", needed}};
    }
    f.rests_on = {Fact::node(ref, Aspect::existence)};
    if (refused) f.breaks = {Fact::node(ref, Aspect::attributes)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule opset_too_old{
    .code = "QG2011",
    .title = "a node uses what its operator set does not have",
    .phase = Phase::references,
    .explanation =
        R"(The file imports an operator set (opset) by number, and a node uses what came later: scales per axis came
with opset 13, blocks of scales, 16-bit and 4-bit values with 21. A quantizer wrote new nodes into an old model and did
not raise the number. Checkers and ONNX Runtime refuse the file. Other ops and attributes that are newer than the number
are read here as the newer operator set has them: a warning.

An attribute that says nothing (it holds its default, or what the inputs say too) is left out. Otherwise, where every
node means the same in the newer operator set (attributes have become inputs, defaults have changed), the mend raises
the number to the one that is needed.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
