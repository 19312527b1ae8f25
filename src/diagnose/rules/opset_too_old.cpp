// QG2011: a node uses what its operator set does not have yet.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

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

/// Attributes that became inputs between opset 10 and 13: with one of them, a node means another thing there.
bool written_for_an_older_one(const source::Model& m, const source::SourceNode& node) {
  struct Old {
    std::string_view op, attribute;
  };
  static constexpr std::array old{
      Old{"Squeeze", "axes"}, Old{"Unsqueeze", "axes"}, Old{"ReduceSum", "axes"}, Old{"Split", "split"}, Old{"Clip", "min"},
      Old{"Clip", "max"},     Old{"Pad", "pads"},       Old{"Slice", "starts"},   Old{"TopK", "k"},      Old{"Dropout", "ratio"}};
  return std::ranges::any_of(old, [&](const Old& o) { return o.op == node.op && m.attribute(node, o.attribute); });
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  int needed = 0;
  bool others_agree = true;
  each_node(c.model, [&](source::NodeRef, const source::SourceNode& node) {
    if (node.domain != "ai.onnx") return;
    if (const auto use = newest_use(c.model, node)) needed = std::max(needed, use->since);
    others_agree = others_agree && !written_for_an_older_one(c.model, node);
  });
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    if (node.domain != "ai.onnx" || broken.any(ref)) return;
    const auto use = newest_use(c.model, node);
    if (!use || node.version >= use->since) return;
    Place place = c.model.place(ref);
    place.attribute = use->attribute;
    Finding f = finding(Severity::error, Cause::unsupported_version,
                        fmt::format("{} {} uses {}, which opset {} does not have", node.op, in_quotes(c.model.display_name(ref)),
                                    use->what, node.version),
                        {std::move(place)});
    Diagnostic& d = f.diagnostic;
    d.expected = fmt::format("opset {}", use->since);
    d.found = fmt::format("opset {} with {}", node.version, use->what);
    d.evidence = {evidence("imported", fmt::format("ai.onnx {}", node.version)),
                  evidence("needs", fmt::format("{}: from opset {} on", use->what, use->since))};
    d.why = "a tool wrote nodes of a newer operator set and left the import as it was";
    if (others_agree) {
      d.evidence.push_back(evidence("others", "no node is written for an older operator set"));
      d.fix = fix("raise-opset", Confidence::likely, fmt::format("import opset {}", needed));
      f.edits = {source::SetDomainVersion{"ai.onnx", needed}};
    }
    f.rests_on = {Fact::node(ref, Aspect::existence)};
    f.breaks = {Fact::node(ref, Aspect::attributes)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule opset_too_old{
    .code = "QG2011",
    .title = "a node uses what its operator set does not have",
    .phase = Phase::references,
    .explanation =
        R"(The file imports an operator set (opset) by number, and a node uses what came later: scales per axis came with opset 13,
blocks of scales, 16-bit and 4-bit values with 21. A quantizer wrote new nodes into an old model and did not raise the
number. Checkers and ONNX Runtime refuse the file.

Where no other node is written for an older operator set (attributes that have since become inputs), the mend raises the
number to the one that is needed.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
