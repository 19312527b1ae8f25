// QG3113: a zero point has another dtype than the integers that it belongs to.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::TensorRef;

/// The dtype of the integers, where something other than this zero point says it.
DType dtype_of_integers(const RuleContext& c, const source::QuantizationSite& site) {
  if (c.model[site.stored].data.exists()) return c.model[site.stored].dtype;
  const source::NodeRef maker = c.uses.producer(site.stored);
  if (!maker || maker == site.node) {
    // The node writes them: its readers say what they expect.
    for (const std::uint32_t s : c.uses.sites(site.stored)) {
      const source::QuantizationSite& other = c.model.sites[s];
      if (other.node != site.node && other.stored == site.stored && is_integer(other.zero_points.dtype) && is_float(site.zero_points.dtype))
        return other.zero_points.dtype;
    }
    return DType::unknown;
  }
  for (const std::uint32_t s : c.uses.sites(site.stored))
    if (c.model.sites[s].node == maker && is_integer(c.model.sites[s].zero_points.dtype)) return c.model.sites[s].zero_points.dtype;
  return DType::unknown;
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  for (const source::QuantizationSite& site : c.model.sites) {
    const TensorRef zero = site.zero_points.tensor;
    if (site.where != source::Where::node_inputs || !site.stored || !zero || zero.dangling() || site.block_size != 0) continue;
    if (broken.any(site.stored) || broken.any(zero) || broken.any(site.node)) continue;
    const DType meant = dtype_of_integers(c, site), found = c.model[zero].dtype;
    if (!is_integer(meant) || found == DType::unknown || found == meant) continue;
    if (is_float(found) && is_float(c.model[site.stored].dtype)) continue;
    if (!told.insert(zero).second) continue;
    Finding f = finding(Severity::warning, Cause::dtype_contradiction,
                        fmt::format("the zero point {} is {}, the integers {} that it belongs to are {}", in_quotes(c.model.display_name(zero)), name(found),
                                    in_quotes(c.model.display_name(site.stored)), name(meant)),
                        {c.model.place(site.node, zero), c.model.place(site.node, site.stored)});
    Diagnostic& d = f.diagnostic;
    d.expected = std::string(name(meant));
    d.found = std::string(name(found));
    d.evidence = {evidence("integers", type_text(c.model[site.stored])), evidence("zero", type_text(c.model[zero]))};
    d.why = "the two are one dtype by the op's definition; runtimes that compare them refuse the file";
    const auto values = c.model.numbers(zero);
    const IntegerRange range = integer_range(meant);
    const bool fit = values && !values->empty() && std::ranges::all_of(*values, [&](double v) {
      return v >= static_cast<double>(range.min) && v <= static_cast<double>(range.max) && v == static_cast<double>(static_cast<std::int64_t>(v));
    });
    const auto bytes = fit ? source::encode_numbers(meant, *values) : std::nullopt;
    if (bytes) {
      const auto [low, high] = std::ranges::minmax(*values);
      d.evidence.push_back(evidence("values", low == high ? number_text(low) : fmt::format("{} to {}", low, high)));
      d.fix = fix("zero-point-of-the-integers", Confidence::safe, fmt::format("store {} as {}, the same values", in_quotes(c.model.display_name(zero)), name(meant)), 0.0);
      f.edits = {source::SetDType{zero, meant}, source::SetData{zero, Buffer::copy_of(*bytes)}};
    }
    f.breaks = {Fact::tensor(zero, Aspect::dtype)};
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule zero_point_dtype{
    .code = "QG3113",
    .title = "a zero point's dtype is not that of its integers",
    .phase = Phase::sizes,
    .explanation =
        R"(Where the zero point is a tensor, as in ONNX, it has the dtype of the integers that it belongs to. Tools store it as
float32, as int32, or as the other of int8 and uint8. ONNX Runtime refuses the file.

Where all values are whole and fit, the mend stores the same values in the right dtype.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
