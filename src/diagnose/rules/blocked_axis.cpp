// QG3119: scales of blocks whose shape is that of blocks along another axis.
#include <spdlog/fmt/fmt.h>

#include <set>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

/// The shape that scales of blocks along an axis have.
Shape blocked(const Shape& shape, std::size_t axis, std::int64_t block) {
  Shape scales = shape;
  scales[axis] = shape[axis] / block + (shape[axis] % block != 0 ? 1 : 0);
  return scales;
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  for (std::size_t s = 0; s < c.model.sites.size(); ++s) {
    const source::QuantizationSite& site = c.model.sites[s];
    const source::TensorRef t = site.stored;
    if (!site.node || c.model[site.node].op != "DequantizeLinear" || site.block_size <= 0 || !t || t.dangling() ||
        broken.any(t) || broken.any(site.node))
      continue;
    const Shape& shape = c.model[t].shape;
    if (!site.scales.shape || !shape.is_static() || site.scales.shape->rank() != shape.rank() || !site.scales.shape->is_static())
      continue;
    const bool inside = site.axis >= 0 && static_cast<std::size_t>(site.axis) < shape.rank();
    if (inside && blocked(shape, static_cast<std::size_t>(site.axis), site.block_size) == *site.scales.shape) continue;
    std::optional<std::size_t> fitting;
    bool several = false;
    for (std::size_t a = 0; a < shape.rank(); ++a)
      if (blocked(shape, a, site.block_size) == *site.scales.shape) {
        several = several || fitting.has_value();
        fitting = a;
      }
    Finding f =
        finding(Severity::error, Cause::invalid_quantization,
                fmt::format("{}: scales {} are not those of blocks of {} along axis {} of {}", in_quotes(c.model.display_name(t)),
                            site.scales.shape->to_string(), site.block_size, site.axis, shape.to_string()),
                {c.model.place(site.node, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = inside
                     ? fmt::format("scales {}", blocked(shape, static_cast<std::size_t>(site.axis), site.block_size).to_string())
                     : "an axis of the tensor";
    d.found = fmt::format("scales {}, axis {}", site.scales.shape->to_string(), site.axis);
    d.evidence = {evidence("declared", type_text(c.model[t])), evidence("scales", site.scales.shape->to_string()),
                  evidence("blocks", fmt::format("of {} along axis {}", site.block_size, site.axis))};
    d.why = "the axis was written for another layout of the weights than the scales were";
    if (fitting && !several) {
      d.expected = fmt::format("axis {}", *fitting);
      d.evidence.push_back(
          evidence("fits", fmt::format("blocks of {} along axis {} alone have scales of this shape", site.block_size, *fitting)));
      d.fix = fix("axis-from-blocks", Confidence::safe, fmt::format("read the blocks along axis {}", *fitting), 0.0);
      f.edits = {source::SetAttribute{site.node, "axis", AttributeValue(static_cast<std::int64_t>(*fitting))}};
      Quantization q = quantization_of(site);
      q.axis = static_cast<int>(*fitting);
      f.edits.push_back(source::SetQuantization{s, t, q});
    }
    f.rests_on = {Fact::tensor(t, Aspect::shape)};
    f.breaks = {Fact::tensor(t, Aspect::quantization), Fact::node(site.node, Aspect::attributes)};
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule blocked_axis{
    .code = "QG3119",
    .title = "scales of blocks do not fit the axis",
    .phase = Phase::quantization,
    .explanation =
        R"(A DequantizeLinear with `block_size` has scales of the shape of its input, with one for each block along `axis`. Here the
shape is not that: the axis was written for a transposed layout, or left at its default. The checker takes the file, and
runtimes fail when they run it.

Where blocks along exactly one axis make the shape of the scales, that axis is meant and the mend writes it.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
