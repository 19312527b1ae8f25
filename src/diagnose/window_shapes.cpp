// Window arithmetic, forwards and backwards.
#include "diagnose/window_shapes.hpp"

#include <algorithm>
#include <array>

namespace qgraph::diagnose {
namespace {

/// The spatial dimension (from the end: 1 is the last before the channels) that an attribute steps along.
std::optional<std::size_t> spatial_of(std::string_view attribute) {
  if (attribute == "stride_w") return 1;
  if (attribute == "stride_h") return 2;
  if (attribute == "stride_d") return 3;
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> stride_from_shapes(const source::Model& model, source::NodeRef ref, std::string_view attribute) {
  const source::SourceNode& node = model[ref];
  const OpRow* row = source::row_of(model, node);
  const auto from_end = spatial_of(attribute);
  if (!row || !from_end || node.outputs.empty() || !node.outputs[0]) return std::nullopt;
  const source::TensorRef data = source::operand(model, node, *row, "input"),
                          weights = source::operand(model, node, *row, "weights");
  if (!data) return std::nullopt;
  const Shape& in = model[data].shape;
  const Shape& out = model[node.outputs[0]].shape;
  if (in.rank() != out.rank() || in.rank() < *from_end + 2) return std::nullopt;
  const std::size_t axis = in.rank() - 1 - *from_end;
  const std::int64_t size = in[axis], made = out[axis];
  if (size <= 0 || made <= 0) return std::nullopt;
  std::int64_t window = 1;
  if (weights && model[weights].shape.rank() == in.rank()) window = model[weights].shape[axis];
  const auto number = [&](std::string_view name) {
    const auto v = model.attribute(node, name);
    const auto* i = v ? std::get_if<std::int64_t>(&*v) : nullptr;
    return i ? *i : 0;
  };
  if (!weights) window = number(*from_end == 1 ? "filter_width" : "filter_height");
  const std::int64_t dilation = std::max<std::int64_t>(1, number(*from_end == 1 ? "dilation_w_factor" : "dilation_h_factor"));
  const auto padding = model.attribute(node, "padding");
  const auto* word = padding ? std::get_if<std::string>(&*padding) : nullptr;
  if (!word || window <= 0 || dilation > size || (*word != "SAME" && window > size)) return std::nullopt;
  // Larger strides make less. The least that makes no more is the one, if the next makes less than that. A single window lies
  // where it lies, whatever the stride.
  const auto made_by = [&](std::int64_t stride) { return made_along(*word == "SAME", size, window, stride, dilation); };
  const std::int64_t reach = made_by(1);
  const std::int64_t stride = reach / made + (reach % made != 0 ? 1 : 0);
  if (stride < 1 || stride > size || made_by(stride) != made) return std::nullopt;
  if (made > 1 && stride < size && made_by(stride + 1) == made) return std::nullopt;
  return stride;
}

std::int64_t made_along(bool same, std::int64_t size, std::int64_t window, std::int64_t stride, std::int64_t dilation) {
  constexpr std::int64_t most = std::int64_t{1} << 31;
  if (size > most || window > most || dilation > most || stride > most) return 0;
  const std::int64_t reach = same ? size : size - (window - 1) * dilation;
  return stride > 0 && reach > 0 ? (reach + stride - 1) / stride : 0;
}

std::optional<WindowAxis> window_axis(const source::Model& model, source::NodeRef ref, std::size_t axis, bool exchanged) {
  const source::SourceNode& node = model[ref];
  const OpRow* row = source::row_of(model, node);
  if (!row || node.outputs.empty() || !node.outputs[0]) return std::nullopt;
  source::TensorRef data = source::operand(model, node, *row, "input"), weights = source::operand(model, node, *row, "weights");
  if (exchanged) std::swap(data, weights);
  if (!data || data.dangling() || weights.dangling() || node.outputs[0].dangling() || model[data].shape.rank() != 4 ||
      model[node.outputs[0]].shape.rank() != 4)
    return std::nullopt;
  const auto number = [&](std::string_view name, std::int64_t fallback) {
    const auto v = model.attribute(node, name);
    const auto* i = v ? std::get_if<std::int64_t>(&*v) : nullptr;
    return i ? *i : fallback;
  };
  const bool height = axis == 1;
  WindowAxis s{.in = model[data].shape[axis],
               .out = model[node.outputs[0]].shape[axis],
               .window = number(height ? "filter_height" : "filter_width", 0),
               .stride = number(height ? "stride_h" : "stride_w", 0),
               .dilation = number(height ? "dilation_h_factor" : "dilation_w_factor", 1)};
  if (weights && model[weights].shape.rank() == 4) s.window = model[weights].shape[axis];
  constexpr std::int64_t most = 1 << 24;
  const bool usable = s.in > 0 && s.in < most && s.out > 0 && s.window > 0 && s.window < most && s.stride > 0 && s.stride < most;
  return usable ? std::optional(s) : std::nullopt;
}

std::optional<std::string> padding_from_shapes(const source::Model& model, source::NodeRef ref) {
  const auto h = window_axis(model, ref, 1), w = window_axis(model, ref, 2);
  if (!h || !w || h->dilation <= 0 || w->dilation <= 0 || h->dilation > h->in || w->dilation > w->in) return std::nullopt;
  const auto fits = [&](bool same) {
    return std::ranges::all_of(
        std::array{*h, *w}, [&](const WindowAxis& s) { return made_along(same, s.in, s.window, s.stride, s.dilation) == s.out; });
  };
  const bool same = fits(true), valid = fits(false);
  // Both make the shape: they are one where SAME needs no padding.
  const auto padded = [](const WindowAxis& s) { return (s.out - 1) * s.stride + (s.window - 1) * s.dilation + 1 > s.in; };
  if (same && valid && (padded(*h) || padded(*w))) return std::nullopt;
  return same ? std::optional<std::string>("SAME") : valid ? std::optional<std::string>("VALID") : std::nullopt;
}

}  // namespace qgraph::diagnose
