// QG3117: a FAKE_QUANT in a graph of integers.
#include <spdlog/fmt/fmt.h>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

bool integers_at(const RuleContext& c, TensorRef t) {
  return t && !t.dangling() && is_integer(c.model[t].dtype) && bits(c.model[t].dtype) <= 16;
}

/// What stands on both sides: integers with parameters, of one dtype; then the node can only copy.
bool copies(const RuleContext& c, const source::SourceNode& node) {
  return integers_at(c, node.inputs[0]) && integers_at(c, node.outputs[0]) &&
         c.model[node.inputs[0]].dtype == c.model[node.outputs[0]].dtype;
}

/// The edits that let the readers of a node's output read its input, and remove the node.
std::vector<source::Edit> bypass(const RuleContext& c, NodeRef ref) {
  const TensorRef from = c.model[ref].inputs[0], to = c.model[ref].outputs[0];
  std::vector<source::Edit> edits;
  for (const auto& use : c.uses.consumers(to)) edits.push_back(source::SetInput{use.node, use.input, from});
  const auto& outputs = c.model.graphs[ref.graph].outputs;
  for (std::uint32_t i = 0; i < outputs.size(); ++i)
    if (outputs[i] == to) edits.push_back(source::SetGraphOutput{ref.graph, i, from});
  edits.push_back(source::RemoveNode{ref});
  return edits;
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "tflite") return;
  const BrokenFacts broken(findings);
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    if (node.op != "FAKE_QUANT" || node.inputs.empty() || node.outputs.empty() || broken.any(ref)) return;
    const TensorRef in = node.inputs[0], out = node.outputs[0];
    if (!in || in.dangling() || !out || out.dangling() || broken.any(in) || broken.any(out)) return;
    const bool integers = integers_at(c, in) || integers_at(c, out);
    Finding f = finding(integers ? Severity::error : Severity::note, Cause::missing_conversion,
                        integers ? fmt::format("FAKE_QUANT {} stands between integers", in_quotes(c.model.display_name(ref)))
                                 : fmt::format("FAKE_QUANT {} is left of training: the graph was not converted to integers",
                                               in_quotes(c.model.display_name(ref))),
                        {c.model.place(ref, in)});
    Diagnostic& d = f.diagnostic;
    d.expected = "float32";
    d.found = std::string(name(c.model[integers_at(c, in) ? in : out].dtype));
    d.evidence = {evidence("input", type_text(c.model[in])), evidence("output", type_text(c.model[out]))};
    d.why = integers
                ? "the op rounds reals as quantization will; a converter replaced its operands and left it, and its kernels take "
                  "floats alone"
                : "it runs in floats, slower than the float network; convert with an inference type, or with representative data";
    if (integers && copies(c, node)) {
      const source::QuantizationSite *a = source::site_of(c.model, c.uses, in), *b = source::site_of(c.model, c.uses, out);
      const bool alike = a && b && a->scales.values == b->scales.values && a->zero_points.values == b->zero_points.values;
      d.evidence.push_back(evidence("both", alike ? "have the same scale and zero point" : "have scales of their own"));
      if (alike) {
        d.fix =
            fix("remove-fake-quant", Confidence::likely, "read the input in place of the output: integers are rounded already");
        f.edits = bypass(c, ref);
      } else if (a && b && a->scales.values.size() == 1 && b->scales.values.size() == 1) {
        d.fix = fix("requantize", Confidence::likely, "make it a QUANTIZE from the scale of the input to that of the output");
        f.edits = {source::SetOp{ref, "QUANTIZE", "tflite"}};
      }
    }
    f.rests_on = {Fact::tensor(in, Aspect::dtype)};
    if (integers) f.breaks = {Fact::node(ref, Aspect::attributes)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule fake_quant_left{
    .code = "QG3117",
    .title = "a FAKE_QUANT is left in the graph",
    .phase = Phase::sizes,
    .explanation =
        R"(FAKE_QUANT rounds floats as a later quantization will; training puts it in, and the converter turns it into the scales of
tensors. In a float graph it may stand (a note: the graph was never converted to integers). Between integers it is a left
over: the converter quantized what is around it, its own kernels take floats alone, and delegates refuse it.

Where both sides have the same integers and parameters, the mend removes the node; where only the parameters differ, it makes
it the QUANTIZE that it stands for.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
