// QG2022: a stride, dilation or window that is not positive.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

/// Attributes that count steps or elements, in the spellings of the formats.
constexpr std::array counts{"stride_w",
                            "stride_h",
                            "stride_d",
                            "filter_width",
                            "filter_height",
                            "dilation_w_factor",
                            "dilation_h_factor",
                            "dilation_d_factor",
                            "strides",
                            "dilations",
                            "dilation",
                            "kernel_shape",
                            "stride",
                            "group",
                            "groups"};

std::optional<std::int64_t> first_not_positive(const AttributeValue& value) {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return *i <= 0 ? std::optional(*i) : std::nullopt;
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
    const auto it = std::ranges::find_if(*list, [](std::int64_t i) { return i <= 0; });
    if (it != list->end()) return *it;
  }
  return std::nullopt;
}

/// The spatial dimension (from the end: 1 is the last before the channels) that an attribute steps along.
std::optional<std::size_t> spatial_of(std::string_view attribute) {
  if (attribute == "stride_w") return 1;
  if (attribute == "stride_h") return 2;
  if (attribute == "stride_d") return 3;
  return std::nullopt;
}

/// The only stride with which the op makes the declared output from the declared input (channels last; TensorFlow's SAME and
/// VALID).
std::optional<std::int64_t> stride_from_shapes(const RuleContext& c, source::NodeRef ref, std::string_view attribute) {
  const source::SourceNode& node = c.model[ref];
  const OpRow* row = source::row_of(c.model, node);
  const auto from_end = spatial_of(attribute);
  if (!row || !from_end || node.outputs.empty() || !node.outputs[0]) return std::nullopt;
  const source::TensorRef data = source::operand(c.model, node, *row, "input"),
                          weights = source::operand(c.model, node, *row, "weights");
  if (!data) return std::nullopt;
  const Shape& in = c.model[data].shape;
  const Shape& out = c.model[node.outputs[0]].shape;
  if (in.rank() != out.rank() || in.rank() < *from_end + 2) return std::nullopt;
  const std::size_t axis = in.rank() - 1 - *from_end;
  const std::int64_t size = in[axis], made = out[axis];
  if (size <= 0 || made <= 0) return std::nullopt;
  std::int64_t window = 1;
  if (weights && c.model[weights].shape.rank() == in.rank()) window = c.model[weights].shape[axis];
  const auto number = [&](std::string_view name) {
    const auto v = c.model.attribute(node, name);
    const auto* i = v ? std::get_if<std::int64_t>(&*v) : nullptr;
    return i ? *i : 0;
  };
  if (!weights) window = number(*from_end == 1 ? "filter_width" : "filter_height");
  const std::int64_t dilation = std::max<std::int64_t>(1, number(*from_end == 1 ? "dilation_w_factor" : "dilation_h_factor"));
  const auto padding = c.model.attribute(node, "padding");
  const auto* word = padding ? std::get_if<std::string>(&*padding) : nullptr;
  if (!word || window <= 0 || window > size || dilation > size) return std::nullopt;
  const std::int64_t reach = *word == "SAME" ? size : size - (window - 1) * dilation;
  std::optional<std::int64_t> found;
  for (std::int64_t stride = 1; stride <= size; ++stride) {
    if ((reach + stride - 1) / stride != made) continue;
    if (found) return std::nullopt;
    found = stride;
  }
  return found;
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    if (broken.any(ref) || !source::row_of(c.model, node)) return;
    for (const std::string& attribute : c.model.attribute_names(node)) {
      if (std::ranges::find(counts, std::string_view(attribute)) == counts.end()) continue;
      const auto value = c.model.attribute(node, attribute);
      const auto wrong = value ? first_not_positive(*value) : std::nullopt;
      if (!wrong) continue;
      Place place = c.model.place(ref);
      place.attribute = attribute;
      Finding f = finding(Severity::error, Cause::invalid_attribute,
                          fmt::format("{} of {} {} is {}, which must be positive", attribute, node.op,
                                      in_quotes(c.model.display_name(ref)), *wrong),
                          {std::move(place)});
      Diagnostic& d = f.diagnostic;
      d.expected = "at least 1";
      d.found = fmt::format("{} {}", attribute, *wrong);
      d.evidence = {evidence("stored", fmt::format("{} = {}", attribute, *wrong))};
      d.why = "the field was damaged, or a tool left it at its default of 0";
      if (const auto stride = stride_from_shapes(c, ref, attribute)) {
        const std::string in = c.model[node.inputs[0]].shape.to_string(), out = c.model[node.outputs[0]].shape.to_string();
        d.evidence.push_back(evidence("shapes", fmt::format("{} to {}: only a stride of {} does that", in, out, *stride)));
        d.fix = fix("stride-from-shapes", Confidence::likely, fmt::format("set {} to {}", attribute, *stride));
        f.edits = {source::SetAttribute{ref, attribute, AttributeValue(*stride)}};
      }
      f.rests_on = {Fact::node(ref, Aspect::existence)};
      f.breaks = {Fact::node(ref, Aspect::attributes)};
      findings.add(std::move(f));
    }
  });
}

}  // namespace

extern constexpr Rule attribute_out_of_range{
    .code = "QG2022",
    .title = "an attribute is out of its range",
    .phase = Phase::ops,
    .explanation =
        R"(A stride, a dilation, a window or a number of groups is 0 or negative, with which the op computes nothing.

Where the declared shapes of the op's input and output allow exactly one stride, the mend sets it.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
