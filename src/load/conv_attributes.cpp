// conv_attributes(): what files say of a convolution's stride, dilation, padding, groups and activation, in every spelling that
// the formats have, as conv_2d and conv_3d take it.
#include <algorithm>
#include <array>
#include <cctype>

#include "ops/support/activation.hpp"
#include "qgraph/source.hpp"

namespace qgraph {
namespace {

constexpr std::array<std::string_view, 3> axes{"d", "h", "w"};

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// The first of these attributes that is there.
std::optional<AttributeValue> first_of(const SourceNode& n, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names)
    if (auto v = n.attribute(name)) return v;
  return std::nullopt;
}

std::vector<std::int64_t> integers_of(const AttributeValue& v) {
  if (const auto* i = std::get_if<std::int64_t>(&v)) return {*i};
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&v)) return *list;
  if (const auto* list = std::get_if<std::vector<double>>(&v)) return {list->begin(), list->end()};
  return {};
}

/// A value per spatial axis: "stride" (one number for height and width, or a list whose last is the width's), or one of
/// "stride_h", "stride_height", "dilation_h_factor" per axis. TensorFlow's lists have the rank of the data: [1, h, w, 1].
void set_per_axis(const SourceNode& n, std::string_view to, std::initializer_list<std::string_view> lists, Attributes& out) {
  std::string name(to);  // one for all that are tried
  const auto named = [&](std::string_view axis, std::string_view end) -> std::string_view {
    name.resize(to.size());
    return name.append("_").append(axis).append(end);
  };
  const auto set = [&](std::string_view axis, std::int64_t v) { out.set(named(axis, ""), v); };
  if (const auto v = first_of(n, lists)) {
    std::vector<std::int64_t> values = integers_of(*v);
    if (std::holds_alternative<std::int64_t>(*v)) values.resize(2, values.empty() ? 1 : values[0]);
    if (values.size() >= 4) values = {values.begin() + 1, values.end() - 1};
    if (values.size() <= 3)
      for (std::size_t i = 0; i < values.size(); ++i) set(axes[3 - values.size() + i], values[i]);
  }
  constexpr std::array<std::string_view, 3> long_names{"depth", "height", "width"};
  for (std::size_t k = 0; k < 3; ++k) {
    for (const std::string_view axis : {axes[k], long_names[k]}) {
      auto v = n.attribute(named(axis, ""));
      if (!v) v = n.attribute(named(axis, "_factor"));
      if (!v) continue;
      if (const auto values = integers_of(*v); values.size() == 1) set(axes[k], values[0]);
      break;
    }
  }
}

void set_explicit(std::span<const std::int64_t> before, std::span<const std::int64_t> behind, Attributes& out) {
  constexpr std::array<std::string_view, 3> first{"pad_front", "pad_top", "pad_left"},
      last{"pad_back", "pad_bottom", "pad_right"};
  out.set("padding", std::string("explicit"));
  for (std::size_t i = 0; i < before.size() && i < 3; ++i) {
    const std::size_t k = 3 - std::min<std::size_t>(before.size(), 3) + i;
    out.set(first[k], before[i]);
    out.set(last[k], behind[i]);
  }
}

/// A word, one number for all sides, one per axis, or those before all axes and then those behind (ONNX).
void set_padding(const SourceNode& n, Attributes& out) {
  if (const std::string word = lower_case(n.text("auto_pad")); !word.empty() && word != "notset") {
    out.set("padding", word == "same_upper" ? std::string("same") : word);
    return;
  }
  const auto v = first_of(n, {"pads", "padding", "pad"});
  if (v) {
    if (const auto* word = std::get_if<std::string>(&*v)) {
      const std::string lower = lower_case(*word);
      if (lower == "explicit") {
        std::vector<std::int64_t> sides;
        for (std::string_view side : {"pad_top", "pad_left", "pad_bottom", "pad_right"}) sides.push_back(n.integer(side));
        set_explicit(std::span(sides).first(2), std::span(sides).last(2), out);
      } else {
        out.set("padding", lower == "same_upper" ? std::string("same") : lower);
      }
      return;
    }
    std::vector<std::int64_t> values = integers_of(*v);
    if (std::holds_alternative<std::int64_t>(*v)) values.resize(2, values.empty() ? 0 : values[0]);
    const bool both_sides = values.size() == 4 || values.size() == 6 || (values.size() == 2 && n.attribute("pads"));
    const std::size_t count = both_sides ? values.size() / 2 : values.size();
    const std::span all(values);
    if (count > 0 && count <= 3) set_explicit(all.first(count), both_sides ? all.last(count) : all.first(count), out);
    return;
  }
  if (n.format() == "onnx") set_explicit(std::array<std::int64_t, 2>{}, std::array<std::int64_t, 2>{}, out);
}

void set_activation(const SourceNode& n, Attributes& out) {
  for (std::string_view name : {"fused_activation_function", "activation", "fused_activation"}) {
    std::string word = lower_case(n.text(name));
    if (word == "linear" || word == "identity") word = "none";
    if (std::ranges::find(activation_words, word) != std::ranges::end(activation_words)) return out.set("activation", word);
  }
}

}  // namespace

Attributes conv_attributes(const SourceNode& n) {
  Attributes out;
  set_per_axis(n, "stride", {"strides", "stride"}, out);
  set_per_axis(n, "dilation", {"dilations", "dilation", "dilation_rate"}, out);
  set_padding(n, out);
  if (const auto v = first_of(n, {"group", "groups"}))
    if (const auto values = integers_of(*v); values.size() == 1) out.set("groups", values[0]);
  set_activation(n, out);
  for (std::string_view name : {"layout", "filter_layout"})
    if (const std::string word = lower_case(n.text(name)); !word.empty()) out.set(name, word);
  // ONNX has one layout, and rounds its own way.
  if (n.format() == "onnx") {
    out.set("layout", std::string("nchw"));
    out.set("filter_layout", std::string("oihw"));
    out.set("rounding", std::string("nearest_even"));
  }
  return out;
}

}  // namespace qgraph
