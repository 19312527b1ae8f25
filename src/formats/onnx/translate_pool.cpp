// Pooling of ONNX. What works in one dimension is two-dimensional, one high.
#include "formats/onnx/translate_pool.hpp"

#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

/// The attributes of pool ops from kernel_shape, strides, dilations, pads, auto_pad and ceil_mode.
Attributes pool_attributes(const SourceNode& n, std::size_t spatial) {
  Attributes a;
  const Attributes spelled = conv_attributes(n);
  for (const auto& [key, value] : spelled)
    if (key.starts_with("stride_") || key.starts_with("dilation_") || key.starts_with("pad")) a.set(key, value);
  constexpr std::string_view names[] = {"filter_depth", "filter_height", "filter_width"};
  const std::vector<std::int64_t> kernel = n.integers("kernel_shape");
  for (std::size_t i = 0; i < spatial && i < kernel.size(); ++i) a.set(names[3 - spatial + i], kernel[i]);
  a.set("ceil_mode", n.integer("ceil_mode"));
  a.set("layout", std::string(n.integer("channels_last") != 0 ? "nhwc" : "nchw"));
  return a;
}

/// [n,c,l] or [n,c,h,w] to as many spatial axes as `want`.
Value with_axes(GraphBuilder& g, Value x, std::size_t have, std::size_t want) {
  if (have == want) return x;
  std::vector<std::int64_t> axes;
  for (std::size_t i = have; i < want; ++i) axes.push_back(2 + static_cast<std::int64_t>(i - have));
  return g.add("expand_dims", {x}, {{"axes", std::move(axes)}});
}
Value without_axes(GraphBuilder& g, Value x, std::size_t have, std::size_t want) {
  if (!x || have == want) return x;
  std::vector<std::int64_t> axes;
  for (std::size_t i = have; i < want; ++i) axes.push_back(2 + static_cast<std::int64_t>(i - have));
  return g.add("squeeze", {x}, {{"axes", std::move(axes)}});
}

}  // namespace

Result<Outputs> pool(const SourceNode& n, GraphBuilder& g, Value x, std::string op, Attributes more) {
  if (!x) return refuse(n, Cause::dangling_reference, "'" + std::string(n.op()) + "' lacks its input");
  const std::size_t spatial = n.integers("kernel_shape").size();
  if (spatial < 1 || spatial > 3)
    return refuse(n, spatial == 0 ? Cause::missing_attribute : Cause::invalid_attribute,
                  "'" + std::string(n.op()) + "' needs a kernel_shape of one to three numbers");
  const bool cube = op == "max_pool_with_indices" || op == "lp_pool";
  const std::size_t axes = cube || spatial == 3 ? 3 : 2;
  if (axes == 3 && !cube) op.replace(op.size() - 2, 1, "3");
  Attributes a = pool_attributes(n, spatial);
  for (const auto& [key, value] : more) a.set(key, value);
  const bool nchw = n.integer("channels_last") == 0;
  if (!nchw && spatial != 2) return refuse(n, Cause::invalid_attribute, "channels-last pooling is two-dimensional");
  const Outputs y = g.add(op, {nchw ? with_axes(g, x, spatial, axes) : x}, std::move(a));
  std::vector<Value> all;
  for (Value v : y) all.push_back(nchw ? without_axes(g, v, spatial, axes) : v);
  return Outputs(std::move(all));
}

Result<Outputs> lower_max_pool(const SourceNode& n, GraphBuilder& g) {
  const Value x = stored(g, n.input(0));
  if (!x) return refuse(n, Cause::dangling_reference, "MaxPool lacks its input");
  Attributes more;
  const bool indices = n.output_count() > 1;
  if (indices) more.set("column_major", n.integer("storage_order"));
  auto y = pool(n, g, widened(g, x), indices ? "max_pool_with_indices" : "max_pool_2d", std::move(more));
  if (!y || y->size() == 0) return y;
  if (!indices) return narrowed(g, *y, x.type().dtype());
  return Outputs{narrowed(g, (*y)[0], x.type().dtype()), (*y)[1]};
}

Result<Outputs> lower_average_pool(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  // ONNX Runtime's kernel before opset 19 adds up columns where windows move by one or two.
  const std::vector<std::int64_t> strides = n.integers("strides");
  const bool columns = n.version() < 19 && n.integers("kernel_shape").size() > 1 && (strides.empty() || strides.back() <= 2);
  auto y = pool(n, g, widened(g, x), "average_pool_2d",
                {{"count_include_pad", n.integer("count_include_pad")}, {"columns_first", std::int64_t{columns}}});
  if (!y) return y;
  return narrowed(g, *y, x.type().dtype());
}

Result<Outputs> lower_lp_pool(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  auto y = pool(n, g, widened(g, x), "lp_pool", {{"p", n.integer("p", 2)}});
  if (!y) return y;
  return narrowed(g, *y, x.type().dtype());
}

std::optional<Value> spatial_axes_of(GraphBuilder& g, const Value& x, bool channels_last) {
  const auto rank = rank_of(x);
  if (!rank || *rank < 3) return std::nullopt;
  std::vector<std::int64_t> axes;
  for (std::size_t i = channels_last ? 1 : 2; i < *rank - (channels_last ? 1 : 0); ++i)
    axes.push_back(static_cast<std::int64_t>(i));
  return constant(g, axes);
}

Result<Outputs> lower_global_pool(const SourceNode& n, GraphBuilder& g) {
  const Value x = widened(g, stored(g, n.input(0)));
  if (!x) return refuse(n, Cause::dangling_reference, "'" + std::string(n.op()) + "' lacks its input");
  const auto axes = spatial_axes_of(g, x, false);
  if (!axes) return refuse(n, Cause::shape_mismatch, "'" + std::string(n.op()) + "' needs an input of known rank, 3 or more");
  const DType dtype = n.input(0).type().dtype();
  const Attributes keep{{"keep_dims", std::int64_t{1}}};
  if (n.op() == "GlobalAveragePool") return narrowed(g, g.add("mean", {x, *axes}, keep), dtype);
  if (n.op() == "GlobalMaxPool") return narrowed(g, g.add("reduce_max", {x, *axes}, keep), dtype);
  const double p = static_cast<double>(n.integer("p", 2));
  const Value powers = g.add("pow", {g.add("abs", {x}), constant(g, DType::float32, p)});
  return narrowed(g, g.add("pow", {g.add("sum", {powers, *axes}, keep), constant(g, DType::float32, 1.0 / p)}), dtype);
}

Result<Outputs> lower_max_unpool(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (!x || !given(n, 1)) return refuse(n, Cause::dangling_reference, "MaxUnpool lacks an operand");
  Attributes a{{"kernel_shape", n.integers("kernel_shape")}, {"strides", n.integers("strides")}, {"pads", n.integers("pads")}};
  std::vector<Value> inputs{widened(g, x), n.input(1), n.input(2)};
  if (!inputs.back()) inputs.pop_back();
  return narrowed(g, g.add("onnx.max_unpool", std::move(inputs), std::move(a)), x.type().dtype());
}

}  // namespace qgraph::formats::onnx
