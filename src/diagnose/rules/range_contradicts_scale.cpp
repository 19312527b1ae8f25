// QG3215: the range of reals beside a tensor is not the one that its scale and zero point make.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::TensorRef;

/// What a reader's bias or an op's definition says of the scale; 0: nothing.
double scale_by_neighbours(const RuleContext& c, TensorRef t) {
  const auto guess = guess_parameters(c.model, c.uses, t);
  return guess && guess->id != "scale-from-range" && guess->quantization.scales.size() == 1
             ? static_cast<double>(guess->quantization.scales[0])
             : 0;
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "tflite") return;
  const BrokenFacts broken(findings);
  for (const source::QuantizationSite& site : c.model.sites) {
    const TensorRef t = site.stored;
    if (!t || site.where != source::Where::tensor || site.scales.values.size() != 1 || site.min.values.size() != 1 ||
        site.max.values.size() != 1)
      continue;
    if (c.model[t].data.exists() || bits(c.model[t].dtype) != 8 || !is_integer(c.model[t].dtype) || broken.any(t) ||
        !sound_scale(site.scales.values[0]))
      continue;
    const double low = site.min.values[0], high = site.max.values[0], scale = site.scales.values[0];
    if (!std::isfinite(low) || !std::isfinite(high) || high <= low) continue;
    const double by_range = (high - low) / 255;
    // Converters round ranges, and widen them so that zero is an integer.
    constexpr double allowance = 0.1;
    if (std::fabs(by_range / scale - 1) < allowance) continue;
    const source::NodeRef maker = c.uses.producer(t);
    Finding f = finding(Severity::warning, Cause::inconsistent_quantization,
                        fmt::format("{} has scale {}, and a range of {} to {}", in_quotes(c.model.display_name(t)),
                                    number_text(scale), number_text(low), number_text(high)),
                        {maker ? c.model.place(maker, t) : c.model.place(t)});
    Diagnostic& d = f.diagnostic;
    d.expected = fmt::format("scale {}", number_text(static_cast<double>(static_cast<float>(by_range))));
    d.found = fmt::format("scale {}", number_text(scale));
    d.evidence = {evidence("range", fmt::format("{} to {}: a scale of {}", number_text(low), number_text(high),
                                                number_text(static_cast<double>(static_cast<float>(by_range))))),
                  evidence("scale", number_text(scale))};
    d.why = "kernels compute with the scale; the range beside it is of another quantization";
    const double known = scale_by_neighbours(c, t);
    if (known > 0 && std::fabs(known / by_range - 1) < allowance) {
      d.evidence.push_back(
          evidence("others", fmt::format("what reads the tensor says {}: the range is right", number_text(known))));
      const auto guess = guess_parameters(c.model, c.uses, t);
      d.fix = fix("scale-from-neighbours", Confidence::likely, guess->describe(c.model.display_name(t)));
      f.edits = set_parameters(c.model, t, guess->quantization);
    } else {
      d.fix = fix("give-scale", Confidence::needs_input, "where the range is right, give the scale that it makes");
    }
    f.rests_on = {Fact::tensor(t, Aspect::dtype), Fact::tensor(t, Aspect::quantization)};
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule range_contradicts_scale{
    .code = "QG3215",
    .title = "a range contradicts the scale beside it",
    .phase = Phase::agreement,
    .explanation =
        R"(Older converters of TensorFlow Lite write, beside scale and zero point, the range of reals that they were made from. Scale
and range say the same twice: the range is 255 steps wide. Here it is not; one of the two was edited, or left from an earlier
quantization. Kernels look at the scale alone.

Where what reads the tensor (a bias scale, an op that keeps parameters) agrees with the range, the mend writes the scale that
follows. Otherwise the range is stale and harmless, or the scale must be given.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
