// QG3122: QuantizeLinear names its dtype twice, and not the same.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "diagnose/onnx_values.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

/// TensorProto.DataType (onnx.proto) of what can be quantized to.
DType dtype_of_number(std::int64_t number) {
  struct Row {
    std::int64_t number;
    DType dtype;
  };
  static constexpr std::array rows{Row{2, DType::uint8}, Row{3, DType::int8},   Row{4, DType::uint16},
                                   Row{5, DType::int16}, Row{21, DType::uint4}, Row{22, DType::int4}};
  const auto found = std::ranges::find(rows, number, &Row::number);
  return found == rows.end() ? DType::unknown : found->dtype;
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    if (node.op != "QuantizeLinear" || node.inputs.size() < 3 || node.outputs.empty() || broken.any(ref)) return;
    const TensorRef zero = node.inputs[2], made = node.outputs[0];
    if (!zero || zero.dangling() || !made || made.dangling() || broken.any(zero)) return;
    const auto written = c.model.attribute(node, "output_dtype");
    const auto* number = written ? std::get_if<std::int64_t>(&*written) : nullptr;
    const DType said = number ? dtype_of_number(*number) : DType::unknown, has = c.model[zero].dtype;
    if (said == DType::unknown || has == said || !is_integer(has) || !can_be_quantized_to(has)) return;
    // A reader's zero point decides between the two, where there is one.
    DType read = DType::unknown;
    for (const std::uint32_t s : c.uses.sites(made))
      if (c.model.sites[s].node != ref && c.model.sites[s].stored == made && c.model.sites[s].zero_points.tensor)
        read = c.model.sites[s].zero_points.dtype;
    const bool reader_agrees = read == has;
    Place place = c.model.place(ref);
    place.attribute = "output_dtype";
    Finding f = finding(Severity::warning, Cause::dtype_contradiction,
                        fmt::format("QuantizeLinear {} says that it writes {}, and has a zero point of {}",
                                    in_quotes(c.model.display_name(ref)), name(said), name(has)),
                        {std::move(place), c.model.place(ref, zero)});
    Diagnostic& d = f.diagnostic;
    d.expected = std::string(name(has));
    d.found = std::string(name(said));
    d.evidence = {evidence("says", fmt::format("output_dtype = {} ({})", *number, name(said))),
                  evidence("zero", type_text(c.model[zero]))};
    if (read != DType::unknown) d.evidence.push_back(evidence("reader", fmt::format("its zero point is {}", name(read))));
    d.why = "the attribute and the zero point are one dtype by the op's definition; the value is written by the zero point's";
    d.fix = fix("drop-output-dtype", reader_agrees ? Confidence::safe : Confidence::likely,
                "leave output_dtype out: the zero point says the dtype", 0.0);
    f.edits = {source::SetAttribute{ref, "output_dtype", std::nullopt}};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule output_dtype{
    .code = "QG3122",
    .title = "output_dtype is not the zero point's dtype",
    .phase = Phase::sizes,
    .explanation =
        R"(From opset 21 on a QuantizeLinear can name the integers that it writes twice: by the attribute `output_dtype`
and by the dtype of its zero point. Here the two differ: a tool changed one of them. ONNX Runtime refuses the file; this
library goes by the zero point, which is what all older readers do.

The mend leaves the attribute out. It changes nothing where what reads the value has a zero point of that dtype too.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
