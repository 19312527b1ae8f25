// QG3204: a zero point that the stored dtype cannot hold, or that its kernels do not allow.
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

struct Right {
  std::int64_t zero_point = 0;
  std::string id{}, because{};
};

bool is_weights(const RuleContext& c, TensorRef t) {
  for (const NodeRef node : readers_of(c.model, c.uses, t))
    if (const auto rule = product_rule(c.model, c.uses, node); rule && (rule->weights.stored == t || rule->bias.stored == t))
      return true;
  return false;
}

/// The zero point of a tensor on the other side of an op that keeps parameters, where it has the same scale.
std::optional<Right> of_neighbour(const RuleContext& c, const source::QuantizationSite& site, IntegerRange range) {
  std::vector<std::pair<NodeRef, TensorRef>> beside;
  if (const NodeRef maker = c.uses.producer(site.stored);
      maker && keeps_parameters(c.model, maker) && !c.model[maker].inputs.empty())
    beside.emplace_back(maker, c.model[maker].inputs[0]);
  for (const auto& use : c.uses.consumers(site.stored))
    if (keeps_parameters(c.model, use.node) && !c.model[use.node].outputs.empty())
      beside.emplace_back(use.node, c.model[use.node].outputs[0]);
  for (const auto& [node, t] : beside) {
    const source::QuantizationSite* other = t && !t.dangling() ? source::site_of(c.model, c.uses, t) : nullptr;
    if (!other || other->zero_points.values.size() != 1 || other->scales.values != site.scales.values) continue;
    const double z = other->zero_points.values[0];
    if (z < static_cast<double>(range.min) || z > static_cast<double>(range.max)) continue;
    return Right{static_cast<std::int64_t>(z), "zero-point-of-what-is-moved",
                 fmt::format("{} keeps the parameters of {}", node_text(c.model, node), in_quotes(c.model.display_name(t)))};
  }
  return std::nullopt;
}

std::optional<Right> right_one(const RuleContext& c, const source::QuantizationSite& site, DType dtype, double found) {
  const IntegerRange range = integer_range(dtype);
  const NodeRef maker = c.uses.producer(site.stored);
  if (maker)
    if (const auto p = prescribed_output(c.model, maker, dtype))
      return Right{p->zero_point, "prescribed-zero-point", fmt::format("every {} has it", c.model[maker].op)};
  if (maker && cuts_at_zero(c.model, maker))
    return Right{range.min, "zero-point-from-relu", fmt::format("{} makes no values below zero", node_text(c.model, maker))};
  if (auto neighbour = of_neighbour(c, site, range)) return neighbour;
  if (bits(dtype) > 8 || (is_signed(dtype) && is_weights(c, site.stored)))
    return Right{0, "zero-point-0",
                 fmt::format("{} {} are symmetric about 0", name(dtype), is_weights(c, site.stored) ? "weights" : "values")};
  const double shifted = is_signed(dtype) ? found - 128 : found + 128;
  if (bits(dtype) == 8 && shifted >= static_cast<double>(range.min) && shifted <= static_cast<double>(range.max))
    return Right{static_cast<std::int64_t>(shifted), "zero-point-by-128",
                 fmt::format("{} would be right for {}", found, is_signed(dtype) ? "uint8" : "int8")};
  return std::nullopt;
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  for (const source::QuantizationSite& site : c.model.sites) {
    const TensorRef t = site.stored;
    if (!t || t.dangling() || !site.zero_points.known || site.block_size != 0 || !site.scales.known) continue;
    const DType dtype = stored_dtype(c.model, c.uses, t);
    if (!is_integer(dtype) || bits(dtype) > 32 || broken.has(Fact::tensor(t, Aspect::dtype)) || broken.has(Fact::tensor(t, Aspect::quantization)))
      continue;
    const IntegerRange range = integer_range(dtype);
    const auto outside = [&](double z) {
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
    const NodeRef at = site.node ? site.node : maker ? maker : c.uses.consumers(t)[0].node;
    d.places = {c.model.place(at, t)};
    if (site.zero_points.tensor) d.places.push_back(c.model.place(at, site.zero_points.tensor));
    d.expected = fmt::format("{} to {}", range.min, range.max);
    d.found = number_text(*bad);
    d.evidence = {evidence("declared", type_text(c.model[t])), evidence("zero", fmt::format("{}; {} holds {} to {}", *bad, name(dtype), range.min, range.max))};
    d.why = "the zero point is the integer that stands for 0, so it is one of those that can be stored";
    f.rests_on = {Fact::tensor(t, Aspect::dtype)};
    f.breaks = {Fact::tensor(t, Aspect::quantization)};
    if (const auto right = right_one(c, site, dtype, *bad)) {
      d.evidence.push_back(evidence("follows", fmt::format("{}: {}", right->zero_point, right->because)));
      d.fix = Fix{.id = right->id, .confidence = Confidence::likely, .description = fmt::format("give {} zero point {}", in_quotes(c.model.display_name(t)), right->zero_point)};
      Quantization q = quantization_of(site);
      for (std::size_t i = 0; i < q.zero_points.size(); ++i)
        if (outside(site.zero_points.values[i])) q.zero_points[i] = right->zero_point;
      f.edits = set_parameters(c.model, t, q);
    } else {
      d.fix = Fix{.id = "give-zero-point", .confidence = Confidence::needs_input, .description = fmt::format("give {} the zero point it was quantized with", in_quotes(c.model.display_name(t)))};
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
