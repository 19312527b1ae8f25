// QG3116: a QuantizeLinear that says no dtype writes uint8, and its readers take int8.
#include <spdlog/fmt/fmt.h>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    if (node.op != "QuantizeLinear" || node.inputs.size() < 2 || !node.inputs[1] || node.outputs.empty() || !node.outputs[0] ||
        broken.any(ref))
      return;
    if ((node.inputs.size() > 2 && node.inputs[2]) || c.model.attribute(node, "output_dtype")) return;
    const TensorRef made = node.outputs[0];
    TensorRef zero = source::no_tensor;
    NodeRef reader{};
    for (const std::uint32_t s : c.uses.sites(made)) {
      const source::QuantizationSite& other = c.model.sites[s];
      if (!other.node || other.node == ref || other.stored != made || !other.zero_points.tensor ||
          !is_integer(other.zero_points.dtype) || other.zero_points.dtype == DType::uint8)
        continue;
      zero = other.zero_points.tensor;
      reader = other.node;
      break;
    }
    if (!zero || zero.graph != ref.graph) return;
    const std::string_view dtype = name(c.model[zero].dtype);
    Finding f = finding(Severity::error, Cause::dtype_contradiction,
                        fmt::format("QuantizeLinear {} has no zero point and writes uint8; what reads it takes {}",
                                    in_quotes(c.model.display_name(ref)), dtype),
                        {c.model.place(ref, made)});
    Diagnostic& d = f.diagnostic;
    d.places.push_back(c.model.place(reader, made));
    d.expected = std::string(dtype);
    d.found = "uint8";
    d.evidence = {evidence("writes", "uint8, as without a zero point"),
                  evidence("reader", fmt::format("{}: zero point {} is {}", node_text(c.model, reader),
                                                 in_quotes(c.model.display_name(zero)), dtype))};
    d.why = "a tool left out the zero point because it is 0; with it went the dtype";
    d.fix = fix("zero-point-of-the-pair", Confidence::likely,
                fmt::format("read {} as the zero point here too", in_quotes(c.model.display_name(zero))));
    f.edits = {source::SetInput{ref, 2, zero}};
    f.breaks = {Fact::node(ref, Aspect::attributes), Fact::tensor(made, Aspect::dtype)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule quantize_without_zero_point{
    .code = "QG3116",
    .title = "a quantizing node without a zero point writes another dtype than its readers take",
    .phase = Phase::ops,
    .explanation =
        R"(The zero point of a QuantizeLinear also says which integers it writes; without one, and without `output_dtype`, it writes
uint8 about 0. Exporters that leave a zero point of 0 out lose the dtype with it, and the DequantizeLinear behind it then has
a zero point of int8.

The reader has the zero point, so the mend reads it at both nodes.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
