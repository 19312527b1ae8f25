// QG3216: TensorFlow Lite: scales without zero points.
#include <spdlog/fmt/fmt.h>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/stored_bytes.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "diagnose/zero_point_evidence.hpp"

namespace qgraph::diagnose::rules {
namespace {

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "tflite") return;
  const BrokenFacts broken(findings);
  for (const source::QuantizationSite& site : c.model.sites) {
    const source::TensorRef t = site.stored;
    if (!t || t.dangling() || site.where != source::Where::tensor || site.scales.values.empty() ||
        !site.zero_points.values.empty())
      continue;
    const DType dtype = c.model[t].dtype;
    if (site.block_size != 0 || !site.details.empty() || !is_integer(dtype) || broken.any(t)) continue;
    const source::NodeRef maker = c.uses.producer(t);
    if (!maker && c.uses.consumers(t).empty()) continue;
    Finding f = finding(Severity::warning, Cause::invalid_quantization,
                        fmt::format("{}: {} and no zero point", constant_text(c, t), counted(site.scales.values.size(), "scale")),
                        {maker ? c.model.place(maker, t) : place_of_constant(c, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = counted(site.scales.values.size(), "zero point");
    d.found = "no zero point";
    d.evidence = {evidence("declared", type_text(c.model[t])), evidence("scale", number_text(site.scales.values[0]))};
    d.why = "runtimes refuse the file, or take the zero point for 0";
    f.rests_on = {Fact::tensor(t, Aspect::dtype)};
    if (const auto right = right_zero_point(c.model, c.uses, site, dtype, std::nullopt)) {
      d.evidence.push_back(evidence("follows", fmt::format("{}: {}", right->zero_point, right->because)));
      const bool as_read = right->zero_point == 0;
      d.fix = fix(right->id, as_read ? Confidence::safe : Confidence::likely,
                  fmt::format("give {} zero point {}", in_quotes(c.model.display_name(t)), right->zero_point));
      if (as_read)
        d.fix->max_change = 0.0;
      else
        d.severity = Severity::error;
      Quantization q = quantization_of(site);
      q.zero_points.assign(q.scales.size(), right->zero_point);
      f.edits = set_parameters(c.model, t, q);
    } else {
      d.fix = fix("give-zero-point", Confidence::needs_input,
                  fmt::format("give {} the zero point it was quantized with", in_quotes(c.model.display_name(t))));
    }
    if (d.severity == Severity::error) f.breaks = {Fact::tensor(t, Aspect::quantization)};
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule zero_point_missing{
    .code = "QG3216",
    .title = "scales without zero points",
    .phase = Phase::quantization,
    .explanation =
        R"(TensorFlow Lite stores a zero point beside every scale, also where it is 0. Here the list is missing: a tool that quantizes
symmetrically left it out, or dropped it. TensorFlow Lite refuses the file without naming the tensor; others read 0.

Weights, biases and 16-bit values have 0 (no change of meaning). Behind an activation that makes no values below zero it is
the lowest integer, an op may prescribe it, and what is moved keeps it: there the mend writes that, and 0 would be wrong.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
