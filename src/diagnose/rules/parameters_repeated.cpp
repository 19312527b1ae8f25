// QG3132: ONNX: an op that reads or makes an activation with a scale for each channel, all of them equal.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

bool alike(const std::vector<double>& list) {
  return std::ranges::all_of(list, [&](double v) { return v == list[0]; });
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  for (std::size_t s = 0; s < c.model.sites.size(); ++s) {
    const source::QuantizationSite& site = c.model.sites[s];
    const source::NodeRef ref = site.node;
    const source::TensorRef t = site.stored;
    if (!ref || site.where != source::Where::node_inputs || !t || t.dangling() || broken.any(ref) || broken.any(t)) continue;
    const source::SourceNode& node = c.model[ref];
    const std::vector<double>&scales = site.scales.values, &zeros = site.zero_points.values;
    if (node.op != "QLinearConv" || scales.size() < 2 || c.model[t].data.exists()) continue;
    if (node.inputs.size() > 3 && node.inputs[3] == t) continue;  // the weights, which have one for each channel
    Finding f = finding(Severity::error, Cause::invalid_quantization,
                        fmt::format("{} {} has {} scales for {}; an activation has one", node.op,
                                    in_quotes(c.model.display_name(ref)), scales.size(), in_quotes(c.model.display_name(t))),
                        {c.model.place(ref, site.scales.tensor)});
    Diagnostic& d = f.diagnostic;
    d.expected = "one scale";
    d.found = counted(scales.size(), "scale");
    d.evidence = {evidence("scales", fmt::format("{} from {}", scales.size(), number_text(scales[0]))),
                  evidence("zeros", counted(zeros.size(), "zero point"))};
    d.why = "the op is defined for one scale and zero point of its input and of its output";
    if (alike(scales) && alike(zeros)) {
      Quantization one{.scales = {static_cast<float>(scales[0])}, .zero_points = {}, .axis = -1};
      if (!zeros.empty()) one.zero_points = {quantization_of(site).zero_point()};
      d.why += "; all of these are the same";
      d.fix = fix("one-scale", Confidence::safe,
                  fmt::format("give {} the one scale {}", in_quotes(c.model.display_name(t)), number_text(scales[0])), 0.0);
      f.edits = {source::SetQuantization{s, t, std::move(one)}};
    }
    f.rests_on = {Fact::node(ref, Aspect::existence)};
    f.breaks = {Fact::tensor(t, Aspect::quantization), Fact::node(ref, Aspect::attributes)};
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule parameters_repeated{
    .code = "QG3132",
    .title = "an activation of an integer op has a scale for each channel",
    .phase = Phase::sizes,
    .explanation =
        R"(QLinearConv takes one scale and zero point of its input, and one of its output; only weights may have one for each
channel. Here a tool wrote a list.

Where all entries are the same, one of them says the same, and the mend writes it. Otherwise the model must be quantized
again.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
