// QG3108: uint8 weights in an op whose activations are signed integers.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "tflite") return;  // elsewhere integer ops take mixed signs
  const BrokenFacts broken(findings);
  std::set<source::TensorRef> told;
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    const OpRow* row = source::row_of(c.model, node);
    if (!row || broken.any(ref)) return;
    const source::TensorRef weights = source::operand(c.model, node, *row, "weights"),
                            input = source::operand(c.model, node, *row, "input");
    if (!weights || !input || !c.model[weights].data.exists() || broken.any(weights) || broken.any(input)) return;
    const DType around = c.model[input].dtype;
    if (c.model[weights].dtype != DType::uint8 || (around != DType::int8 && around != DType::int16) ||
        !told.insert(weights).second)
      return;
    const source::QuantizationSite* site = source::site_of(c.model, c.uses, weights);
    const bool symmetric =
        site && site->scales.known && std::ranges::all_of(site->zero_points.values, [](double z) { return z == 0; });
    Finding f =
        finding(Severity::error, Cause::dtype_contradiction,
                fmt::format("weights of {} are uint8 beside {} activations", in_quotes(c.model.display_name(ref)), name(around)),
                {c.model.place(ref, weights)});
    Diagnostic& d = f.diagnostic;
    d.expected = "int8";
    d.found = "uint8";
    d.evidence = {evidence("weights", type_text(c.model[weights])), evidence("input", type_text(c.model[input]))};
    d.why = "with signed activations the format has int8 weights, and no kernel takes the mixture";
    if (symmetric) {
      d.evidence.push_back(
          evidence("zero", "the zero point is 0, as for int8 weights; uint8 weights have theirs within their range"));
      d.why = "a tool wrote another label on int8 weights: a uint8 tensor with zero point 0 could hold no negative weight";
      d.fix = fix("relabel-int8", Confidence::likely,
                  fmt::format("read {} as int8, the same bytes", in_quotes(c.model.display_name(weights))));
      f.edits = {source::SetDType{weights, DType::int8}};
    }
    f.rests_on = {Fact::tensor(weights, Aspect::quantization), Fact::tensor(input, Aspect::dtype)};
    f.breaks = {Fact::tensor(weights, Aspect::dtype)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule weights_sign{
    .code = "QG3108",
    .title = "unsigned weights beside signed activations",
    .phase = Phase::sizes,
    .explanation =
        R"(TensorFlow Lite's integer ops take uint8 weights with uint8 activations, and int8 weights with int8 or int16 ones.
Here the weights are uint8 and the activations are signed. Where the zero point of the weights is 0, the bytes are
int8 and only the label is wrong: weights without negative values would be no trained weights.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
