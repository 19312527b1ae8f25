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

/// Enumerations of which the file may hold a number that stands for none.
constexpr std::array words{"padding", "fused_activation_function"};

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

/// The number a convolution's or pool's output has along an axis.
std::int64_t made_along(bool same, std::int64_t size, std::int64_t window, std::int64_t stride, std::int64_t dilation) {
  const std::int64_t reach = same ? size : size - (window - 1) * dilation;
  return stride > 0 ? (reach + stride - 1) / stride : 0;
}

/// The padding, or the dilation, with which height and width come out as declared; nothing where none or several do.
struct Spatial {
  std::int64_t in = 0, out = 0, window = 0, stride = 0, dilation = 0;
};
std::optional<Spatial> spatial(const RuleContext& c, source::NodeRef ref, std::size_t axis) {
  const source::SourceNode& node = c.model[ref];
  const OpRow* row = source::row_of(c.model, node);
  if (!row || node.outputs.empty() || !node.outputs[0]) return std::nullopt;
  const source::TensorRef data = source::operand(c.model, node, *row, "input"),
                          weights = source::operand(c.model, node, *row, "weights");
  if (!data || c.model[data].shape.rank() != 4 || c.model[node.outputs[0]].shape.rank() != 4) return std::nullopt;
  const auto number = [&](std::string_view name, std::int64_t fallback) {
    const auto v = c.model.attribute(node, name);
    const auto* i = v ? std::get_if<std::int64_t>(&*v) : nullptr;
    return i ? *i : fallback;
  };
  const bool height = axis == 1;
  Spatial s{.in = c.model[data].shape[axis],
            .out = c.model[node.outputs[0]].shape[axis],
            .window = number(height ? "filter_height" : "filter_width", 0),
            .stride = number(height ? "stride_h" : "stride_w", 0),
            .dilation = number(height ? "dilation_h_factor" : "dilation_w_factor", 1)};
  if (weights && c.model[weights].shape.rank() == 4) s.window = c.model[weights].shape[axis];
  constexpr std::int64_t most = 1 << 24;
  const bool usable = s.in > 0 && s.in < most && s.out > 0 && s.window > 0 && s.window <= s.in && s.stride > 0;
  return usable ? std::optional(s) : std::nullopt;
}

std::optional<std::string> padding_from_shapes(const RuleContext& c, source::NodeRef ref) {
  const auto h = spatial(c, ref, 1), w = spatial(c, ref, 2);
  if (!h || !w || h->dilation <= 0 || w->dilation <= 0 || h->dilation > h->in || w->dilation > w->in) return std::nullopt;
  const auto fits = [&](bool same) {
    return std::ranges::all_of(std::array{*h, *w},
                               [&](const Spatial& s) { return made_along(same, s.in, s.window, s.stride, s.dilation) == s.out; });
  };
  const bool same = fits(true), valid = fits(false);
  if (same && valid && (h->window > 1 || w->window > 1) && !(h->in == h->out && h->window == 1)) return std::nullopt;
  return same ? std::optional<std::string>("SAME") : valid ? std::optional<std::string>("VALID") : std::nullopt;
}

/// Integers are clamped to their range anyway: where the lowest stands for zero, a RELU does no more, and where another does, the
/// output has values below zero, so there is none.
std::optional<std::string> activation_from_zero_point(const RuleContext& c, source::NodeRef ref) {
  const source::SourceNode& node = c.model[ref];
  const source::TensorRef out = node.outputs.empty() ? source::no_tensor : node.outputs[0];
  const source::QuantizationSite* site = out && !out.dangling() ? source::site_of(c.model, c.uses, out) : nullptr;
  if (!site || site->zero_points.values.size() != 1 || !is_integer(c.model[out].dtype) || bits(c.model[out].dtype) > 8) return std::nullopt;
  return site->zero_points.values[0] == static_cast<double>(integer_range(c.model[out].dtype).min) ? "RELU" : "NONE";
}

void report_word(const RuleContext& c, source::NodeRef ref, const std::string& attribute, std::int64_t number, Findings& findings) {
  const source::SourceNode& node = c.model[ref];
  Place place = c.model.place(ref);
  place.attribute = attribute;
  Finding f = finding(Severity::error, Cause::invalid_attribute,
                      fmt::format("{} of {} {} is {}, which stands for nothing", attribute, node.op, in_quotes(c.model.display_name(ref)), number), {std::move(place)});
  Diagnostic& d = f.diagnostic;
  d.expected = attribute == "padding" ? "SAME or VALID" : "an activation that the format knows";
  d.found = fmt::format("{} {}", attribute, number);
  d.evidence = {evidence("stored", fmt::format("{} = {}", attribute, number))};
  d.why = "the field was damaged, or written by a newer format";
  const auto word = attribute == "padding" ? padding_from_shapes(c, ref) : activation_from_zero_point(c, ref);
  if (word) {
    d.evidence.push_back(attribute == "padding" ? evidence("shapes", fmt::format("{} makes the declared output", *word))
                                                : evidence("zero", fmt::format("with the output's zero point {} clamps as the dtype does", *word)));
    d.fix = fix(attribute == "padding" ? "padding-from-shapes" : "activation-from-zero-point", Confidence::likely, fmt::format("set {} to {}", attribute, *word));
    f.edits = {source::SetAttribute{ref, attribute, AttributeValue(*word)}};
  }
  f.rests_on = {Fact::node(ref, Aspect::existence)};
  f.breaks = {Fact::node(ref, Aspect::attributes)};
  findings.add(std::move(f));
}

/// 1, where that makes the declared output. Most convolutions are not dilated.
bool undilated_fits(const RuleContext& c, source::NodeRef ref, std::string_view attribute) {
  const std::size_t axis = attribute == "dilation_h_factor" ? 1 : attribute == "dilation_w_factor" ? 2 : 0;
  auto s = axis != 0 ? spatial(c, ref, axis) : std::nullopt;
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
        if (const auto* number = word ? std::get_if<std::int64_t>(&*word) : nullptr) report_word(c, ref, attribute, *number, findings);
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
      if (const auto stride = stride_from_shapes(c, ref, attribute)) {
        const std::string in = c.model[node.inputs[0]].shape.to_string(), out = c.model[node.outputs[0]].shape.to_string();
        d.evidence.push_back(evidence("shapes", fmt::format("{} to {}: only a stride of {} does that", in, out, *stride)));
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

Where the declared shapes of the op's input and output allow exactly one stride or padding, or fit an op without dilation,
the mend sets it. A fused activation follows from the output's zero point: where the lowest integer stands for zero, RELU and
the dtype's own range clamp alike; where it does not, there are values below zero.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
