// QG3207: an op whose output parameters are prescribed has others.
#include <spdlog/fmt/fmt.h>

#include <cmath>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    if (node.outputs.empty() || !node.outputs[0] || node.outputs[0].dangling() || broken.any(ref)) return;
    const source::TensorRef t = node.outputs[0];
    const auto right = prescribed_output(c.model, ref, c.model[t].dtype);
    const source::QuantizationSite* site = source::site_of(c.model, c.uses, t);
    if (!right || !site || site->scales.values.size() != 1 || site->zero_points.values.size() > 1 || broken.any(t)) return;
    const double scale = site->scales.values[0], zero = site->zero_points.values.empty() ? 0 : site->zero_points.values[0];
    const auto zero_point = static_cast<double>(right->zero_point);
    if (std::fabs(scale / right->scale - 1) < 1e-3 && zero == zero_point) return;
    Finding f{};
    Diagnostic& d = f.diagnostic;
    d.severity = Severity::warning;
    d.cause = Cause::inconsistent_quantization;
    d.headline =
        fmt::format("the output of {} {} has scale {}, zero point {}; the op prescribes {} and {}", node.op,
                    in_quotes(c.model.display_name(ref)), number_text(scale), zero, number_text(right->scale), right->zero_point);
    d.places = {c.model.place(ref, t)};
    d.expected = fmt::format("scale {}, zero point {}", number_text(right->scale), right->zero_point);
    d.found = fmt::format("scale {}, zero point {}", number_text(scale), zero);
    d.evidence = {evidence("declared", fmt::format("{}, {}", type_text(c.model[t]), d.found)),
                  evidence("op", fmt::format("{} of {}: {}", node.op, name(c.model[t].dtype), d.expected))};
    d.why =
        "the results of the op lie in a known range, so its kernels write at fixed parameters; several versions of TensorFlow "
        "Lite refuse others";
    d.fix = Fix{
        .id = "prescribed-parameters",
        .confidence = Confidence::likely,
        .description = fmt::format("read the output at scale {}, zero point {}", number_text(right->scale), right->zero_point)};
    f.edits = set_parameters(
        c.model, t, Quantization{.scales = {static_cast<float>(right->scale)}, .zero_points = {right->zero_point}, .axis = -1});
    f.rests_on = {Fact::tensor(t, Aspect::dtype)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule output_parameters_prescribed{
    .code = "QG3207",
    .title = "an output does not have the parameters that its op prescribes",
    .phase = Phase::agreement,
    .explanation =
        R"(Softmax, logistic, tanh and L2 normalisation have results of a known range, and TensorFlow Lite prescribes the parameters
of their quantized outputs: of an int8 softmax scale 1/256 and zero point -128. Its kernels write at those and
refuse a file that declares others (of logistic and tanh newer ones take any); other runtimes honour what is declared.

The mend declares the prescribed parameters. What reads the output then sees the values that the op computes.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
