// QG3124: ONNX: scales of more than one dimension that are not blocks.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::TensorRef;

/// One dimension that is not 1.
bool a_vector_in_disguise(const Shape& shape) {
  return shape.is_static() && shape.rank() > 1 && std::ranges::count_if(shape.dims(), [](std::int64_t d) { return d != 1; }) <= 1;
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  for (const source::QuantizationSite& site : c.model.sites) {
    const TensorRef scale = site.scales.tensor;
    if (site.where != source::Where::node_inputs || !site.node || !scale || scale.dangling() || site.block_size != 0) continue;
    const source::SourceNode& node = c.model[site.node];
    if ((node.op != "QuantizeLinear" && node.op != "DequantizeLinear") || !c.model[scale].data.exists() ||
        !a_vector_in_disguise(c.model[scale].shape) || broken.any(scale) || broken.any(site.node) || !told.insert(scale).second)
      continue;
    Finding f = finding(Severity::warning, Cause::invalid_quantization,
                        fmt::format("the scales of {} are {}, not a list", in_quotes(c.model.display_name(site.stored)),
                                    c.model[scale].shape.to_string()),
                        {c.model.place(site.node, site.stored), c.model.place(site.node, scale)});
    Diagnostic& d = f.diagnostic;
    const std::int64_t count = c.model[scale].shape.elements().value_or(1);
    const Shape list = count == 1 ? Shape{} : Shape{count};
    d.expected = list.to_string();
    d.found = c.model[scale].shape.to_string();
    d.evidence = {evidence("scales", type_text(c.model[scale]))};
    d.why =
        "scales along an axis are a list by the op's definition; a tool shaped them for a product with the tensor, and runtimes "
        "refuse the file";
    d.fix = fix("scales-as-list", Confidence::safe,
                fmt::format("declare {} {}, the same numbers", in_quotes(c.model.display_name(scale)), list.to_string()), 0.0);
    f.edits = {source::SetShape{scale, list}};
    const TensorRef zero = site.zero_points.tensor;
    if (zero && !zero.dangling() && c.model[zero].data.exists() && c.model[zero].shape.elements() == count &&
        c.model[zero].shape.rank() != list.rank())
      f.edits.emplace_back(source::SetShape{zero, list});
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule scale_rank{
    .code = "QG3124",
    .title = "scales along an axis are not a list",
    .phase = Phase::agreement,
    .explanation =
        R"(The scales of a QuantizeLinear or DequantizeLinear are one number, or a list along one axis (or a block of
numbers, with `block_size`). Here they have more dimensions, all but one of which are 1: a tool shaped them as
[C,1,1,1], to multiply them with the tensor. ONNX Runtime refuses the file; the numbers are plain enough, and this
library takes them as the list.

The mend declares the list.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
