// QG3205: not as many zero points as scales.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/stored_bytes.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<source::TensorRef> told;
  for (const source::QuantizationSite& site : c.model.sites) {
    const source::TensorRef t = site.stored;
    const std::vector<double>& zeros = site.zero_points.values;
    const std::size_t scales = site.scales.values.size();
    if (!t || t.dangling() || !site.scales.known || informs_only(c.model, site) || !site.zero_points.known ||
        site.block_size != 0)
      continue;
    if (scales == 0 || zeros.size() == scales || zeros.empty() || (zeros.size() == 1 && site.where != source::Where::tensor))
      continue;
    if (broken.has(Fact::tensor(t, Aspect::quantization)) || !told.insert(t).second) continue;
    const bool alike = std::ranges::all_of(zeros, [&](double z) { return z == zeros[0]; });
    const source::NodeRef maker = c.uses.producer(t);
    const bool harmless = zeros.size() == 1;  // one for all is plain enough, though not every runtime takes it
    Finding f{};
    Diagnostic& d = f.diagnostic;
    d.severity = harmless ? Severity::warning : Severity::error;
    d.cause = Cause::invalid_quantization;
    d.headline =
        fmt::format("{}: {} beside {}", constant_text(c, t), counted(zeros.size(), "zero point"), counted(scales, "scale"));
    d.places = {maker ? c.model.place(maker, t) : place_of_constant(c, t)};
    d.expected = counted(scales, "zero point");
    d.found = counted(zeros.size(), "zero point");
    d.evidence = {evidence("declared", type_text(c.model[t])), evidence("scales", std::to_string(scales)),
                  evidence("zeros", fmt::format("{}{}", zeros.size(), alike ? fmt::format(", each {}", zeros[0]) : ""))};
    d.why = "each scale has its zero point; a tool changed the one list and not the other";
    f.rests_on = {Fact::tensor(t, Aspect::dtype)};
    f.breaks = {Fact::tensor(t, Aspect::quantization)};
    if (alike) {
      Quantization q = quantization_of(site);
      q.zero_points.assign(scales, static_cast<std::int64_t>(zeros[0]));
      d.fix = Fix{.id = "zero-point-of-all",
                  .confidence = Confidence::safe,
                  .description = fmt::format("give every scale the zero point {}", zeros[0]),
                  .max_change = 0.0};
      f.edits = set_parameters(c.model, t, q);
    } else {
      d.fix = Fix{.id = "give-zero-point",
                  .confidence = Confidence::needs_input,
                  .description = fmt::format("give {} a zero point for each scale", in_quotes(c.model.display_name(t)))};
    }
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule zero_point_count{
    .code = "QG3205",
    .title = "not as many zero points as scales",
    .phase = Phase::quantization,
    .explanation =
        R"(Scales and zero points come in pairs. Here the two lists differ in length: a tool made a tensor per-channel, or
per-tensor again, and changed the one list only. TensorFlow Lite refuses such a file without naming the tensor.

Where all zero points that are there are the same, as they are for weights, every scale gets it; the meaning does not
change. Otherwise they must be given (`qgraph fix --set TENSOR.zero_point=V,V,...`).)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
