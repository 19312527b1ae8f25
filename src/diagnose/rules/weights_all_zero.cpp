// QG3118: weights that hold nothing but zeros beside a scale of real weights.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>
#include <span>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::TensorRef;

/// Every element is the zero point.
bool all_zero(const RuleContext& c, TensorRef t, const source::QuantizationSite* site) {
  const source::SourceTensor& tensor = c.model[t];
  if (!tensor.data.exists() || tensor.data.encoding == source::Encoding::missing) return false;
  double zero = 0;
  if (site && !site->zero_points.values.empty()) {
    zero = site->zero_points.values[0];
    if (!std::ranges::all_of(site->zero_points.values, [&](double z) { return z == zero; })) return false;
  }
  if (zero != 0 && bits(tensor.dtype) != 8) return false;
  const auto byte = static_cast<std::byte>(static_cast<std::uint8_t>(static_cast<std::int64_t>(zero) & 0xFF));
  const auto same = [&](std::span<const std::byte> bytes) {
    return !bytes.empty() && std::ranges::all_of(bytes, [&](std::byte b) { return b == byte; });
  };
  if (tensor.data.encoding == source::Encoding::raw || tensor.data.encoding == source::Encoding::external)
    return same(tensor.data.bytes.bytes);
  const Result<Buffer> raw = c.model.data(t);
  return raw.ok() && same(raw->bytes);
}

/// What quantizers write for weights that were zero before: 1, or the smallest step that they allow.
bool of_zeros(std::span<const double> scales) {
  return std::ranges::all_of(scales, [](double s) { return s == 1 || s <= 1e-6; });
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode&) {
    const Part weights = broken.any(ref) ? Part{} : weights_of(c.model, c.uses, ref);
    const TensorRef t = weights.stored;
    if (!t || weights.scales.empty() || of_zeros(weights.scales) || bits(c.model[t].dtype) > 8) return;
    if (broken.any(t) || c.model[t].shape.elements().value_or(0) < 16 || !all_zero(c, t, weights.site) || !told.insert(t).second)
      return;
    Finding f = finding(Severity::warning, Cause::data_out_of_range,
                        fmt::format("all weights of {} are zero", in_quotes(c.model.display_name(ref))), {c.model.place(ref, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = "trained weights";
    d.found = fmt::format("zeros in {}", c.model.display_name(t));
    d.evidence = {evidence("declared", type_text(c.model[t])),
                  evidence("scale", fmt::format("{}: that of weights other than zero", number_text(weights.scales[0])))};
    d.why = "a scale is chosen by the largest weight; data of zeros beside it was cleared, or never written";
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule weights_all_zero{
    .code = "QG3118",
    .title = "all weights of a node are zero",
    .phase = Phase::agreement,
    .reads_data = true,
    .explanation =
        R"(A quantizer chooses the scale of weights by the largest of them. Here every weight is zero, beside a scale
that says there were others: the data was cleared by a tool, lost in a sparse or partial upload, or the file was written
before the weights were. The node computes its bias alone. Weights that were zero before have a scale of 1 or a very
small one, and nothing is said of them.

The weights are not in the file: take them from the model before that tool.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
