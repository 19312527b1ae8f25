// QG3204: a zero point that the stored dtype cannot hold, or that its kernels do not allow.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/number_lists.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/words.hpp"
#include "diagnose/zero_point_evidence.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

/// The op's kernels have no term for a zero point of 16-bit values. Its other activation has 16 bits too: else the label is
/// wrong.
bool computes_without_zero_point(const RuleContext& c, TensorRef t) {
  const auto of_product = [&](NodeRef node) {
    const OpRow* row = node ? source::row_of(c.model, c.model[node]) : nullptr;
    if (!row || !row->integer_accumulator || c.model.format != "tflite" || c.model[node].outputs.empty()) return false;
    const TensorRef in = source::operand(c.model, c.model[node], *row, "input"), out = c.model[node].outputs[0];
    const TensorRef other = in == t ? out : in;
    return other && !other.dangling() && c.model[other].dtype == DType::int16;
  };
  return of_product(c.uses.producer(t)) ||
         std::ranges::any_of(c.uses.consumers(t), [&](const auto& use) { return of_product(use.node); });
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  for (const source::QuantizationSite& site : c.model.sites) {
    const TensorRef t = site.stored;
    if (!t || t.dangling() || !site.zero_points.known || informs_only(c.model, site) || site.block_size != 0 ||
        !site.scales.known)
      continue;
    const DType dtype = stored_dtype(c.model, c.uses, t);
    if (!is_integer(dtype) || bits(dtype) > 32 || broken.has(Fact::tensor(t, Aspect::dtype)) ||
        broken.has(Fact::tensor(t, Aspect::quantization)))
      continue;
    if (all_zero(site.zero_points.values)) continue;
    const IntegerRange range = integer_range(dtype);
    const bool symmetric = dtype == DType::int16 && computes_without_zero_point(c, t);
    const auto outside = [&](double z) {
      if (z == 0) return false;
      if (symmetric) return true;
      return !(z >= static_cast<double>(range.min) && z <= static_cast<double>(range.max)) || z != std::trunc(z);
    };
    const auto bad = std::ranges::find_if(site.zero_points.values, outside);
    if (bad == site.zero_points.values.end() || !told.insert(t).second) continue;
    if (c.uses.consumers(t).empty() && !c.uses.producer(t)) continue;
    const NodeRef maker = c.uses.producer(t);
    Finding f{};
    Diagnostic& d = f.diagnostic;
    d.severity = Severity::error;
    d.cause = Cause::invalid_quantization;
    d.headline = fmt::format("zero point {} of {} does not fit {}", *bad, in_quotes(c.model.display_name(t)), name(dtype));
    if (symmetric)
      d.headline = fmt::format("int16 {} has zero point {}; its op takes 16-bit values symmetric about 0",
                               in_quotes(c.model.display_name(t)), *bad);
    const NodeRef at = site.node ? site.node : maker ? maker : c.uses.consumers(t)[0].node;
    d.places = {c.model.place(at, t)};
    if (site.zero_points.tensor) d.places.push_back(c.model.place(at, site.zero_points.tensor));
    d.expected = symmetric ? "0" : fmt::format("{} to {}", range.min, range.max);
    d.found = number_text(*bad);
    d.evidence = {evidence("declared", type_text(c.model[t])),
                  evidence("zero", fmt::format("{}; {} holds {} to {}", *bad, name(dtype), range.min, range.max))};
    d.why = symmetric ? "the kernels of 16-bit activations have no term for a zero point: they refuse the file"
                      : "the zero point is the integer that stands for 0, so it is one of those that can be stored";
    f.rests_on = {Fact::tensor(t, Aspect::dtype)};
    f.breaks = {Fact::tensor(t, Aspect::quantization)};
    if (const auto right = right_zero_point(c.model, c.uses, site, dtype, *bad)) {
      d.evidence.push_back(evidence("follows", fmt::format("{}: {}", right->zero_point, right->because)));
      d.fix = Fix{.id = right->id,
                  .confidence = Confidence::likely,
                  .description = fmt::format("give {} zero point {}", in_quotes(c.model.display_name(t)), right->zero_point)};
      Quantization q = quantization_of(site);
      for (std::size_t i = 0; i < q.zero_points.size(); ++i)
        if (outside(site.zero_points.values[i])) q.zero_points[i] = right->zero_point;
      f.edits = set_parameters(c.model, t, q);
    } else {
      d.fix = Fix{.id = "give-zero-point",
                  .confidence = Confidence::needs_input,
                  .description = fmt::format("give {} the zero point it was quantized with", in_quotes(c.model.display_name(t)))};
    }
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule zero_point_out_of_range{
    .code = "QG3204",
    .title = "a zero point does not fit the stored dtype",
    .phase = Phase::quantization,
    .explanation =
        R"(The zero point is the stored integer that stands for the real 0: of int8 it lies within -128 to 127, of uint8 within 0
to 255. Another one was edited in, or belongs to another dtype (off by 128: uint8 parameters on int8 values).

The mend takes it from what made the tensor: behind a RELU the lowest integer stands for 0; softmax, logistic and tanh
have prescribed ones; a reshape or a pool keeps its input's; weights, and values of 16 bits, have 0. Otherwise it must be
given (`qgraph fix --set TENSOR.zero_point=V`).)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
