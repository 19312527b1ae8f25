// QG3115: the scale of a quantizing node has a dtype that the operator set does not allow.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

/// float32 from the beginning; QuantizeLinear and DequantizeLinear take half precision from opset 19 on.
bool allowed(const source::Model& m, const source::SourceNode& node, DType scale) {
  if (scale == DType::float32 || node.domain != "ai.onnx") return true;
  const bool half = scale == DType::float16 || scale == DType::bfloat16;
  if (half) return node.version >= 19 || m.attribute(node, "block_size").has_value();
  return scale != DType::float64 && !is_integer(scale);
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  std::set<source::TensorRef> told;
  for (const source::QuantizationSite& site : c.model.sites) {
    const source::TensorRef scale = site.scales.tensor;
    if (site.where != source::Where::node_inputs || !scale || scale.dangling() || broken.any(scale) || broken.any(site.node))
      continue;
    const DType found = c.model[scale].dtype;
    if (found == DType::unknown || !c.model[scale].data.exists() || allowed(c.model, c.model[site.node], found) ||
        !told.insert(scale).second)
      continue;
    Finding f = finding(Severity::error, Cause::dtype_contradiction,
                        fmt::format("the scale {} of {} {} is {}", in_quotes(c.model.display_name(scale)), c.model[site.node].op,
                                    in_quotes(c.model.display_name(site.node)), name(found)),
                        {c.model.place(site.node, scale), c.model.place(site.node, site.stored)});
    Diagnostic& d = f.diagnostic;
    d.expected = "float32";
    d.found = std::string(name(found));
    d.evidence = {evidence("scale", type_text(c.model[scale])),
                  evidence("opset", fmt::format("{} {}", c.model[site.node].domain, c.model[site.node].version))};
    d.why = is_float(found) && bits(found) == 16
                ? "a converter to half precision took the scale along; this operator set has float32 scales alone"
                : "the op takes its scale as float32";
    const auto values = c.model.numbers(scale);
    const auto bytes = values && std::ranges::all_of(*values, [](double v) { return std::isfinite(v) && v > 0; })
                           ? source::encode_numbers(DType::float32, *values)
                           : std::nullopt;
    if (bytes) {
      const bool exact = std::ranges::all_of(*values, [](double v) { return static_cast<double>(static_cast<float>(v)) == v; });
      d.evidence.push_back(evidence("values", fmt::format("from {}", number_text((*values)[0]))));
      d.fix = fix(
          "scale-as-float32", exact ? Confidence::safe : Confidence::likely,
          fmt::format("store {} as float32, {}", in_quotes(c.model.display_name(scale)), exact ? "the same values" : "rounded"));
      if (exact) d.fix->max_change = 0.0;
      f.edits = {source::SetDType{scale, DType::float32}, source::SetData{scale, Buffer::copy_of(*bytes)}};
    }
    f.rests_on = {Fact::node(site.node, Aspect::existence)};
    f.breaks = {Fact::tensor(scale, Aspect::dtype)};
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule scale_dtype{
    .code = "QG3115",
    .title = "a scale has a dtype that its op does not take",
    .phase = Phase::sizes,
    .explanation =
        R"(ONNX's quantizing ops take float32 scales; QuantizeLinear and DequantizeLinear take half precision from operator set 19
on. A converter to half precision that runs over a quantized graph shrinks the scales along with the rest, and tools
written with 64-bit floats leave those. Runtimes refuse the file at the type check.

The mend stores the same values as float32.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
