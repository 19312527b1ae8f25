// Convolutions of ONNX: float, quantized, and of plain integers. Those of one dimension are of two, one high.
#include "formats/onnx/translate_conv.hpp"

#include <algorithm>

#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

constexpr std::string_view integer_attributes[] = {"stride_h",  "stride_w", "dilation_h", "dilation_w",
                                                   "padding",   "pad_top",  "pad_left",   "pad_bottom",
                                                   "pad_right", "groups",   "layout",     "filter_layout"};

/// [n,c,l] to [n,c,1,l]; of quantized values, the scales of axis 0 or 1 stay with it.
Value lifted(GraphBuilder& g, Value v) {
  if (!v) return v;
  if (!v.quantized()) {
    const Shape& s = v.type().shape;
    if (v.constant() && s.rank() == 3) return reshape(g, v, {s[0], s[1], 1, s[2]});
    return reshape(g, v, {0, 0, 1, -1});
  }
  const Quantization q = *v.type().quantization();
  return quantized_as(g, lifted(g, stored(g, v)), q);
}

Value lowered(GraphBuilder& g, Value v) {
  if (!v.quantized()) return reshape(g, v, {0, 0, -1});
  const Quantization q = *v.type().quantization();
  return quantized_as(g, reshape(g, stored(g, v), {0, 0, -1}), q);
}

}  // namespace

std::optional<std::size_t> spatial_axes(const SourceNode& n, const Value& weights, const Value& input) {
  if (const auto rank = rank_of(weights)) return *rank >= 3 && *rank <= 5 ? std::optional(*rank - 2) : std::nullopt;
  if (const auto rank = rank_of(input)) return *rank >= 3 && *rank <= 5 ? std::optional(*rank - 2) : std::nullopt;
  const std::size_t kernel = n.integers("kernel_shape").size();
  return kernel >= 1 && kernel <= 3 ? std::optional(kernel) : std::nullopt;
}

Result<Outputs> convolve(const SourceNode& n, GraphBuilder& g, const Convolution& c) {
  if (!c.input || !c.weights)
    return refuse(n, Cause::dangling_reference, "'" + std::string(n.op()) + "' lacks its input or its weights");
  const auto spatial = spatial_axes(n, c.weights, c.input);
  if (!spatial)
    return refuse(n, Cause::shape_mismatch,
                  "'" + std::string(n.op()) + "' works in one to three dimensions, its weights have the shape " +
                      c.weights.type().shape.to_string());
  Attributes a = conv_attributes(n);
  a.set("groups", n.integer("group", 1));
  if (is_float(c.input.type().dtype())) a.set("summation", std::string("blocked"));
  if (!c.activation) a.set("activation", std::string("none"));
  if (c.channels_last) a.set("layout", std::string("nhwc"));
  std::string op = *spatial == 3 ? "conv_3d" : "conv_2d";
  if (c.integer) {
    if (*spatial == 3) return refuse(n, Cause::unsupported_dtype, "integers are not convolved in three dimensions");
    op = "conv_integer";
    Attributes fewer;
    for (const auto& [key, value] : a)
      if (std::ranges::find(integer_attributes, key) != std::ranges::end(integer_attributes)) fewer.set(key, value);
    a = std::move(fewer);
  }
  const bool lift = *spatial == 1;
  std::vector<Value> inputs{lift ? lifted(g, c.input) : c.input, lift ? lifted(g, c.weights) : c.weights};
  inputs.insert(inputs.end(), c.rest.begin(), c.rest.end());
  while (!inputs.back()) inputs.pop_back();
  std::vector<TensorType> declared;
  if (c.output) declared.push_back(TensorType(*c.output, Shape::unknown_rank()));
  const Value y = g.add(op, std::move(inputs), std::move(a), std::move(declared));
  return Outputs(y && lift ? lowered(g, y) : y);
}

Result<Outputs> lower_conv(const SourceNode& n, GraphBuilder& g) {
  const DType dtype = n.input(0).type().dtype();
  Value bias = widened(g, n.input(2));
  const Value quantized_bias = weights_of(g, bias);
  if (bias && quantized_bias.type().storage() == DType::int32) bias = quantized_bias;
  auto y = convolve(n, g, {.input = widened(g, n.input(0)), .weights = weights_of(g, widened(g, n.input(1))), .rest = {bias}});
  if (!y) return y;
  return narrowed(g, *y, dtype);
}

Result<Outputs> lower_conv_integer(const SourceNode& n, GraphBuilder& g) {
  return convolve(
      n, g,
      {.input = stored(g, n.input(0)), .weights = stored(g, n.input(1)), .rest = {n.input(2), n.input(3)}, .integer = true});
}

namespace {

/// The axis of weights' scales is that of output channels, whatever their operand's rank.
std::optional<Quantization> weight_parameters(const Value& weights, const Value& scale, const Value& zero) {
  return parameters(weights, scale, zero, 0);
}

/// Per-channel parameters beside [n,c,...]: a vector along axis 1.
Value along_channels(GraphBuilder& g, Value v, std::size_t rank) {
  if (v.type().shape.elements() == 1 || rank_of(v) != std::size_t{1}) return reshape(g, v, {});
  std::vector<std::int64_t> shape(rank - 1, 1);
  shape[0] = -1;
  return reshape(g, v, std::move(shape));
}

}  // namespace

Result<Outputs> lower_qlinear_conv(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0), w = n.input(3), bias = stored(g, n.input(8));
  for (std::size_t i = 0; i < 8; ++i)
    if (!given(n, i)) return refuse(n, Cause::dangling_reference, "QLinearConv lacks operand " + std::to_string(i));
  const bool last = n.integer("channels_last") != 0;
  const auto qx = parameters(x, n.input(1), n.input(2)), qw = weight_parameters(w, n.input(4), n.input(5)),
             qy = parameters(x, n.input(6), n.input(7));
  const DType to = n.input(7).type().storage();
  if (qx && qw && qy && qx->per_tensor() && qy->per_tensor()) {
    auto y = convolve(n, g,
                      {.input = quantized_as(g, x, *qx),
                       .weights = quantized_as(g, w, *qw),
                       .rest = {bias},
                       .output = Quantized(to, *qy),
                       .channels_last = last});
    if (!y) return y;
    return Outputs(stored(g, *y));
  }
  // Parameters that only a run knows: sums of integers, then what QLinearConv's definition does with them.
  auto sums = convolve(
      n, g,
      {.input = stored(g, x), .weights = stored(g, w), .rest = {n.input(2), n.input(5)}, .channels_last = last, .integer = true});
  if (!sums) return sums;
  const std::size_t rank = spatial_axes(n, w, x).value_or(2) + 2;
  Value sum = *sums;
  if (last) return refuse(n, Cause::missing_quantization, "parameters of a channels-last QLinearConv must be constants");
  if (bias) sum = g.add("add", {sum, along_channels(g, bias, rank)});
  const Value factor =
      g.add("div", {g.add("mul", {reshape(g, n.input(1), {}), along_channels(g, n.input(4), rank)}), reshape(g, n.input(6), {})});
  const Value scaled = g.add("mul", {cast(g, sum, DType::float32), factor});
  return g.add("quantize", {scaled, constant(g, DType::float32, 1.0), reshape(g, n.input(7), {})},
               {{"rounding", std::string("half_even")}, {"storage", std::string(name(to))}});
}

Result<Outputs> lower_conv_transpose(const SourceNode& n, GraphBuilder& g) {
  const DType dtype = n.input(0).type().dtype();
  const Value x = widened(g, n.input(0)), w = weights_of(g, widened(g, n.input(1)));
  const Value bias = widened(g, n.input(2));
  if (!x || !w) return refuse(n, Cause::dangling_reference, "ConvTranspose lacks its input or its weights");
  const auto spatial = spatial_axes(n, w, x);
  if (!spatial) return refuse(n, Cause::shape_mismatch, "ConvTranspose works in one to three dimensions");
  Attributes a;
  for (const auto& [key, value] : conv_attributes(n))
    if (key != "rounding" || *spatial < 3) a.set(key, value);
  a.set("filter_layout", std::string("iohw"));
  a.set("groups", n.integer("group", 1));
  const std::vector<std::int64_t> padding = n.integers("output_padding"), wanted = n.integers("output_shape");
  constexpr std::string_view axes[] = {"d", "h", "w"}, before[] = {"pad_front", "pad_top", "pad_left"},
                             behind[] = {"pad_back", "pad_bottom", "pad_right"};
  const auto value = [&](std::string_view key, std::int64_t fallback) {
    const auto* v = a.find(key);
    const auto* i = v ? std::get_if<std::int64_t>(v) : nullptr;
    return i ? *i : fallback;
  };
  const std::string automatic = n.text("auto_pad", "NOTSET");
  const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
  for (std::size_t i = 0; i < *spatial; ++i) {
    const std::size_t k = 3 - *spatial + i;
    const std::string axis(axes[k]);
    const std::int64_t extra = i < padding.size() ? padding[i] : 0;
    a.set("output_padding_" + axis, extra);
    if (wanted.empty() && !same) continue;
    // The padding that gives the output its size: what the transposed filter makes is cut to it.
    const Shape& xs = x.type().shape;
    const Shape& ws = w.type().shape;
    if (!xs.ranked() || !ws.ranked() || xs.rank() != *spatial + 2 || ws.rank() != *spatial + 2 || xs[i + 2] < 0 || ws[i + 2] < 0)
      return refuse(n, Cause::shape_mismatch, "output_shape and auto_pad of ConvTranspose need a known input size");
    const std::int64_t stride = value("stride_" + axis, 1), reach = (ws[i + 2] - 1) * value("dilation_" + axis, 1) + 1;
    const std::int64_t size =
        !wanted.empty() ? wanted[wanted.size() - *spatial + std::min(i, wanted.size() - 1)] : xs[i + 2] * stride;
    const std::int64_t total = std::max<std::int64_t>(stride * (xs[i + 2] - 1) + extra + reach - size, 0);
    // Where the filter's reach is too short for the wanted size, the rest is padding behind.
    const std::int64_t lacking = size - (stride * (xs[i + 2] - 1) + extra + reach - total);
    a.set("output_padding_" + axis, extra + std::max<std::int64_t>(lacking, 0));
    const std::int64_t first = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
    a.set("padding", std::string("explicit"));
    a.set(before[k], first);
    a.set(behind[k], total - first);
  }
  if (a.find("padding") && std::holds_alternative<std::string>(*a.find("padding")) &&
      std::get<std::string>(*a.find("padding")) == "valid")
    a.set("padding", std::string("explicit"));
  const bool lift = *spatial == 1;
  std::vector<Value> inputs{lift ? lifted(g, x) : x, lift ? lifted(g, w) : w, bias};
  if (!bias) inputs.pop_back();
  Value y = g.add(*spatial == 3 ? "transpose_conv_3d" : "transpose_conv_2d", std::move(inputs), std::move(a));
  if (y && lift) y = lowered(g, y);
  return narrowed(g, y, dtype);
}

}  // namespace qgraph::formats::onnx
