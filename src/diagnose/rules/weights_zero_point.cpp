// QG3209: int8 weights with a zero point, in ops whose kernels have none.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::TensorRef;

/// Symmetric quantization maps the largest magnitude to 127 and never uses -128.
bool fills_symmetric_range(const std::vector<double>& values) {
  const auto [low, high] = std::ranges::minmax(values);
  return low >= -127 && std::max(-low, high) == 127;
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  if (c.model.format != "tflite") return;
  std::set<TensorRef> told;
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    const Part weights = broken.any(ref) ? Part{} : weights_of(c.model, c.uses, ref);
    const TensorRef t = weights.stored;
    if (!t || !weights.site) return;
    const std::vector<double>& zeros = weights.site->zero_points.values;
    const auto other = std::ranges::find_if(zeros, [](double z) { return z != 0; });
    const OpRow* row = source::row_of(c.model, node);
    const TensorRef input = source::operand(c.model, node, *row, "input");
    const TensorRef operand = source::operand(c.model, node, *row, "weights");
    const bool hybrid = input && !input.dangling() && is_float(c.model[input].dtype);
    if (c.model[t].dtype != DType::int8 || other == zeros.end() || broken.any(t) || !c.model[t].data.exists() ||
        (hybrid && operand != t) || !told.insert(t).second)
      return;
    // Of FULLY_CONNECTED the kernel for one scale adds the zero point. Those for a scale per row, and those that quantize a float
    // input, pass over it; other processors' kernels refuse it.
    const bool dense = node.op == "FULLY_CONNECTED";
    const bool ignored = !dense || hybrid || weights.scales.size() > 1;
    const Severity severity = dense ? Severity::warning : Severity::error;
    Finding f = finding(severity, Cause::invalid_quantization,
                        fmt::format("int8 weights of {} have zero point {}", in_quotes(c.model.display_name(ref)), *other),
                        {c.model.place(ref, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = "zero point 0";
    d.found = fmt::format("zero point {}", *other);
    d.evidence = {evidence("declared", type_text(c.model[t])),
                  evidence("zero", fmt::format("{} of {}", *other, counted(zeros.size(), "zero point")))};
    d.why = !ignored ? "TensorFlow Lite's int8 weights are symmetric; not every runtime subtracts a zero point"
            : dense
                ? "the op's reference kernel passes over it, and so does this one; the optimized kernels refuse the file"
                : "the op's kernels take int8 weights as symmetric about 0: this one is not subtracted, or the file is refused";
    f.rests_on = {Fact::tensor(t, Aspect::dtype)};
    const auto values = c.model.numbers(t);
    const bool symmetric = values && !values->empty() && fills_symmetric_range(*values);
    if (symmetric || (dense && ignored)) {
      if (symmetric) {
        const auto [low, high] = std::ranges::minmax(*values);
        d.evidence.push_back(evidence("values", fmt::format("{} to {}: symmetric about 0", low, high)));
      }
      Quantization q = quantization_of(*weights.site);
      q.zero_points.assign(q.zero_points.size(), 0);
      d.fix = Fix{.id = "zero-point-0",
                  .confidence = Confidence::likely,
                  .description = fmt::format("give {} zero point 0", in_quotes(c.model.display_name(t)))};
      f.edits = set_parameters(c.model, t, q);
    } else {
      d.fix = Fix{.id = "requantize-weights",
                  .confidence = Confidence::needs_input,
                  .description = "quantize the weights anew, symmetric about 0"};
    }
    if (severity == Severity::error) f.breaks = {Fact::tensor(t, Aspect::quantization)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule weights_zero_point{
    .code = "QG3209",
    .title = "int8 weights have a zero point",
    .phase = Phase::quantization,
    .reads_data = true,
    .explanation =
        R"(TensorFlow Lite quantizes int8 weights symmetrically, and its convolutions have no term for a zero point:
they refuse the file, or compute as if it were 0. Its fully connected kernel has the term where the weights have one
scale. With a scale per row, or where it quantizes a float input itself, it passes over the zero points; this library
computes the same (a warning).

Where the weights use the range from -127 to 127 and reach its end, as symmetric quantizers make them, the zero point is
wrong and the mend writes 0; so it does where the zero point is passed over by all. Otherwise the weights must be
quantized anew.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
