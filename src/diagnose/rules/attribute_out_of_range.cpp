// QG2022: a stride, dilation or window that is not positive.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/window_shapes.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

/// Attributes that count steps or elements, in the spellings of the formats.
constexpr std::array<std::string_view, 15> counts{"stride_w",
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

/// Enumerations of which the file may hold a number that stands for none.
constexpr std::array<std::string_view, 2> words{"padding", "fused_activation_function"};

/// Integers are clamped to their range anyway: where the lowest stands for zero, a RELU does no more, and where another does, the
/// output has values below zero, so there is none.
std::optional<std::string> activation_from_zero_point(const RuleContext& c, source::NodeRef ref) {
  const source::SourceNode& node = c.model[ref];
  const source::TensorRef out = node.outputs.empty() ? source::no_tensor : node.outputs[0];
  const source::QuantizationSite* site = out && !out.dangling() ? source::site_of(c.model, c.uses, out) : nullptr;
  if (!site || site->zero_points.values.size() != 1 || !is_integer(c.model[out].dtype) || bits(c.model[out].dtype) > 8)
    return std::nullopt;
  return site->zero_points.values[0] == static_cast<double>(integer_range(c.model[out].dtype).min) ? "RELU" : "NONE";
}

void report_word(const RuleContext& c, source::NodeRef ref, const std::string& attribute, std::int64_t number,
                 Findings& findings) {
  const source::SourceNode& node = c.model[ref];
  Place place = c.model.place(ref);
  place.attribute = attribute;
  Finding f = finding(Severity::error, Cause::invalid_attribute,
                      fmt::format("{} of {} {} is {}, which stands for nothing", attribute, node.op,
                                  in_quotes(c.model.display_name(ref)), number),
                      {std::move(place)});
  Diagnostic& d = f.diagnostic;
  d.expected = attribute == "padding" ? "SAME or VALID" : "an activation that the format knows";
  d.found = fmt::format("{} {}", attribute, number);
  d.evidence = {evidence("stored", fmt::format("{} = {}", attribute, number))};
  d.why = "the field was damaged, or written by a newer format";
  const auto word = attribute == "padding" ? padding_from_shapes(c.model, ref) : activation_from_zero_point(c, ref);
  if (word) {
    d.evidence.push_back(attribute == "padding"
                             ? evidence("shapes", fmt::format("{} makes the declared output", *word))
                             : evidence("zero", fmt::format("with the output's zero point {} clamps as the dtype does", *word)));
    d.fix = fix(attribute == "padding" ? "padding-from-shapes" : "activation-from-zero-point", Confidence::likely,
                fmt::format("set {} to {}", attribute, *word));
    f.edits = {source::SetAttribute{ref, attribute, AttributeValue(*word)}};
  }
  f.rests_on = {Fact::node(ref, Aspect::existence)};
  f.breaks = {Fact::node(ref, Aspect::attributes)};
  findings.add(std::move(f));
}

/// 1, where that makes the declared output. Most convolutions are not dilated.
bool undilated_fits(const RuleContext& c, source::NodeRef ref, std::string_view attribute) {
  const std::size_t axis = attribute == "dilation_h_factor" ? 1 : attribute == "dilation_w_factor" ? 2 : 0;
  const auto s = axis != 0 ? window_axis(c.model, ref, axis) : std::nullopt;
  const auto padding = c.model.attribute(c.model[ref], "padding");
  const auto* word = padding ? std::get_if<std::string>(&*padding) : nullptr;
  return s && word && made_along(*word == "SAME", s->in, s->window, s->stride, 1) == s->out;
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    if (broken.any(ref) || !source::row_of(c.model, node)) return;
    for (const std::string& attribute : c.model.attribute_names(node)) {
      if (c.model.format == "tflite" && std::ranges::find(words, std::string_view(attribute)) != words.end()) {
        const auto word = c.model.attribute(node, attribute);
        if (const auto* number = word ? std::get_if<std::int64_t>(&*word) : nullptr)
          report_word(c, ref, attribute, *number, findings);
        continue;
      }
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
      if (const auto stride = stride_from_shapes(c.model, ref, attribute)) {
        const std::string in = c.model[node.inputs[0]].shape.to_string(), out = c.model[node.outputs[0]].shape.to_string();
        d.evidence.push_back(evidence("shapes", fmt::format("{} to {}: a stride of {} does that", in, out, *stride)));
        d.fix = fix("stride-from-shapes", Confidence::likely, fmt::format("set {} to {}", attribute, *stride));
        f.edits = {source::SetAttribute{ref, attribute, AttributeValue(*stride)}};
      }
      if (undilated_fits(c, ref, attribute)) {
        d.evidence.push_back(evidence("shapes", "without dilation the op makes the declared output"));
        d.fix = fix("no-dilation", Confidence::likely, fmt::format("set {} to 1", attribute));
        f.edits = {source::SetAttribute{ref, attribute, AttributeValue(std::int64_t{1})}};
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
        R"(A stride, a dilation, a window or a number of groups is 0 or negative, with which the op computes nothing; or a padding
or an activation is a number that stands for none.

Where the declared shapes of the op's input and output allow exactly one stride or padding (or one window only, which no
stride moves), or fit an op without dilation, the mend sets it. A fused activation follows from the output's zero point: where the lowest integer stands for zero, RELU and
the dtype's own range clamp alike; where it does not, there are values below zero.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
