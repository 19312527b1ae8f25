// QG3202: a scale that is zero, negative, infinite, no number, or so small that arithmetic loses it.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

std::string_view kind_of(double scale) {
  if (std::isnan(scale)) return "no number";
  if (std::isinf(scale)) return "infinite";
  if (scale == 0) return "0";
  return scale < 0 ? "negative" : "too small for arithmetic";
}

/// The node to look at: whose inputs hold the scale, which makes the tensor, or which reads it.
Place place_of(const RuleContext& c, const source::QuantizationSite& site) {
  if (site.node && site.scales.tensor) return c.model.place(site.node, site.scales.tensor);
  if (site.node) return c.model.place(site.node, site.stored);
  if (const NodeRef producer = c.uses.producer(site.stored)) return c.model.place(producer, site.stored);
  const auto readers = c.uses.consumers(site.stored);
  return readers.empty() ? c.model.place(site.stored) : c.model.place(readers[0].node, site.stored);
}

/// The channels whose every integer is the zero point: whatever the scale, their reals are 0. Empty: that is not known.
std::vector<bool> dead_channels(const RuleContext& c, const source::QuantizationSite& site) {
  const std::size_t channels = site.scales.values.size();
  if (!site.stored) return {};
  const source::SourceTensor& tensor = c.model[site.stored];
  if (!tensor.data.exists() || bits(tensor.dtype) > 16) return {};
  const auto values = c.model.numbers(site.stored);
  if (!values || values->empty()) return {};
  std::size_t inner = values->size();
  if (channels > 1) {
    const auto axis = static_cast<std::size_t>(site.axis);
    if (site.axis < 0 || axis >= tensor.shape.rank() || tensor.shape[axis] != static_cast<std::int64_t>(channels)) return {};
    inner = 1;
    for (std::size_t d = axis + 1; d < tensor.shape.rank(); ++d) inner *= static_cast<std::size_t>(tensor.shape[d]);
  }
  const std::vector<double>& zeros = site.zero_points.values;
  std::vector<bool> dead(channels, true);
  for (std::size_t i = 0; i < values->size(); ++i) {
    const std::size_t channel = channels == 1 ? 0 : i / inner % channels;
    const double zero = zeros.empty() ? 0 : zeros[std::min(channel, zeros.size() - 1)];
    if ((*values)[i] != zero) dead[channel] = false;
  }
  return dead;
}

/// The site's parameters with the unsound scales replaced by those of a guess, where its sound ones agree with it.
std::optional<Quantization> repaired(const source::QuantizationSite& site, const Guess& guess) {
  Quantization q = quantization_of(site);
  const std::vector<float>& told = guess.quantization.scales;
  if (told.size() != q.scales.size())
    return q.scales.size() == 1 || told.size() == 1 ? std::nullopt : std::optional(guess.quantization);
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (!sound_scale(static_cast<double>(told[i]))) return std::nullopt;
    const bool sound = sound_scale(static_cast<double>(q.scales[i]));
    if (sound && std::fabs(q.scales[i] / told[i] - 1) > 0.5F) return std::nullopt;
    if (!sound) q.scales[i] = told[i];
  }
  return q;
}

void mend(const RuleContext& c, const source::QuantizationSite& site, Finding& f) {
  Diagnostic& d = f.diagnostic;
  const std::string called = in_quotes(c.model.display_name(site.stored));
  for (const std::uint32_t s : c.uses.sites(site.stored)) {
    const source::QuantizationSite& other = c.model.sites[s];
    if (other.stored != site.stored || other.node == site.node || !other.node ||
        other.scales.values.size() != site.scales.values.size())
      continue;
    if (!other.scales.known || !sound_scales(other.scales.values) || other.axis != site.axis) continue;
    d.evidence.push_back(evidence("follows", fmt::format("{} has scale {} for the same integers", node_text(c.model, other.node),
                                                         number_text(other.scales.values[0]))));
    Quantization q = quantization_of(site);
    q.scales = quantization_of(other).scales;
    d.fix = Fix{.id = "scale-of-the-pair",
                .confidence = Confidence::likely,
                .description = Guess{q}.describe(c.model.display_name(site.stored))};
    f.edits = set_parameters(c.model, site.stored, q);
    return;
  }
  if (const auto guess = guess_parameters(c.model, c.uses, site.stored)) {
    if (auto q = repaired(site, *guess)) {
      d.evidence.push_back(evidence("follows", guess->because));
      d.fix = Fix{
          .id = guess->id, .confidence = guess->confidence, .description = Guess{*q}.describe(c.model.display_name(site.stored))};
      if (guess->confidence == Confidence::safe) d.fix->max_change = 0.0;
      f.edits = set_parameters(c.model, site.stored, *q);
      return;
    }
  }
  d.fix = Fix{.id = "give-scale",
              .confidence = Confidence::needs_input,
              .description = fmt::format("give {} the scale it was quantized with", called)};
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  for (const source::QuantizationSite& site : c.model.sites) {
    const TensorRef t = site.stored ? site.stored : site.real;
    if (!t || t.dangling() || !site.scales.known || informs_only(c.model, site) ||
        broken.has(Fact::tensor(t, Aspect::quantization)))
      continue;
    // 4-bit quantizers write negative scales of blocks, and of whole blocks of zeros the scale 0; both mean what they say.
    if (site.block_size != 0 || site.scales.values.size() > 1'000'000) continue;
    const DType dtype = stored_dtype(c.model, c.uses, t);
    if (is_float(dtype) || (bits(dtype) >= 32 && !c.model[t].data.exists())) continue;
    if (sound_scales(site.scales.values)) continue;
    std::vector<std::size_t> bad, dead;
    const std::vector<bool> of_zeros = dead_channels(c, site);
    for (std::size_t i = 0; i < site.scales.values.size(); ++i)
      if (!sound_scale(site.scales.values[i])) (!of_zeros.empty() && of_zeros[i] ? dead : bad).push_back(i);
    if (!told.insert(t).second) continue;
    if (c.uses.consumers(t).empty() && !c.uses.producer(t)) continue;  // nobody reads it
    const bool harmless = bad.empty();
    const std::size_t channel = harmless ? dead[0] : bad[0];
    const double scale = site.scales.values[channel];
    const bool tiny = scale > 0 && std::isfinite(scale);
    const bool several = site.scales.values.size() > 1;
    Finding f{};
    Diagnostic& d = f.diagnostic;
    d.severity = harmless || tiny ? Severity::warning : Severity::error;
    d.cause = Cause::invalid_quantization;
    d.headline = several ? fmt::format("scale {} of {} is {}", channel, in_quotes(c.model.display_name(t)), number_text(scale))
                         : fmt::format("the scale of {} is {}", in_quotes(c.model.display_name(t)), number_text(scale));
    d.places = {place_of(c, site)};
    if (site.scales.tensor) d.places.push_back(c.model.place(site.node, t));
    d.expected = "a finite scale above zero";
    d.found = number_text(scale);
    d.evidence = {evidence("declared", type_text(c.model[t])),
                  several
                      ? evidence("scales", fmt::format("{} of {} are not sound, first {} of channel {}", bad.size() + dead.size(),
                                                       site.scales.values.size(), number_text(scale), channel))
                      : evidence("scale", number_text(scale))};
    d.why = harmless ? "the channel holds nothing but zeros, so that no scale was found for it"
                     : fmt::format("a scale that is {} maps all integers to nothing meaningful", kind_of(scale));
    f.breaks = {Fact::tensor(t, Aspect::quantization)};
    if (site.real && site.real != t) f.breaks.push_back(Fact::tensor(site.real, Aspect::quantization));
    if (site.scales.tensor) f.breaks.push_back(Fact::tensor(site.scales.tensor, Aspect::data));
    if (harmless) {
      // Any scale does; that of a neighbour keeps multipliers ordinary.
      Quantization q = quantization_of(site);
      float sound = 1;
      for (const float s : q.scales)
        if (sound_scale(static_cast<double>(s))) sound = s;
      for (const std::size_t i : dead) q.scales[i] = sound;
      d.fix = Fix{.id = "scale-of-zeros",
                  .confidence = Confidence::safe,
                  .description = "give the channels of zeros a neighbour's scale",
                  .max_change = 0.0};
      f.edits = set_parameters(c.model, t, q);
    } else {
      mend(c, site, f);
    }
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule scale_invalid{
    .code = "QG3202",
    .title = "a scale is zero, negative, infinite or no number",
    .phase = Phase::quantization,
    .explanation =
        R"(A scale says how far apart in reals two neighbouring integers are: it is finite and above zero. Quantizers write others
for channels that were never active during calibration, where a scale was computed in half precision and vanished, or
where a division by zero gave no number. Most runtimes take it without a word and compute zeros or nonsense.

Where the neighbours tell the scale, the mend writes it: of weights it is bias scale / input scale, of an input bias
scale / weight scale, and what is reshaped or pooled keeps its scale. Where a channel holds nothing but zeros, any scale
will do (a warning). Scales of blocks are not looked at: 4-bit quantizers use negative ones on purpose.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
