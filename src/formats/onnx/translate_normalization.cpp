// Normalizations and softmax of ONNX.
#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

const Attributes open_range{{"finite", std::int64_t{0}}};
const Attributes keep_dims{{"keep_dims", std::int64_t{1}}};

Value add(GraphBuilder& g, Value a, Value b) { return g.add("add", {a, b}, open_range); }
Value sub(GraphBuilder& g, Value a, Value b) { return g.add("sub", {a, b}, open_range); }
Value div(GraphBuilder& g, Value a, Value b) { return g.add("div", {a, b}, open_range); }
Value number(GraphBuilder& g, double v) { return constant(g, DType::float32, v); }

Report lacks(const SourceNode& n) {
  return refuse(n, Cause::dangling_reference, "'" + std::string(n.op()) + "' lacks an operand");
}

}  // namespace

/// Softmax, LogSoftmax and Hardmax. Before opset 13 all axes from `axis` on are one row.
Result<Outputs> lower_softmax(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (!x) return lacks(n);
  const std::string_view op = n.op() == "Softmax" ? "softmax" : n.op() == "LogSoftmax" ? "log_softmax" : "hardmax";
  const bool rows = n.version() < 13;
  const std::int64_t axis = n.integer("axis", rows ? 1 : -1);
  const auto rank = rank_of(x);
  const DType dtype = x.type().dtype();
  const Value wide = widened(g, x);
  const auto attributes = [&](std::int64_t along) {
    Attributes a{{"axis", along}};
    if (op == "softmax") a.set("polynomial", std::int64_t{1});
    return a;
  };
  if (!rows || (rank && (axis == -1 || axis + 1 == static_cast<std::int64_t>(*rank))))
    return narrowed(g, g.add(op, {wide}, attributes(axis)), dtype);
  if (!rank)
    return refuse(n, Cause::shape_mismatch, "'" + std::string(n.op()) + "' before opset 13 needs an input of known rank");
  const std::int64_t split = axis < 0 ? axis + static_cast<std::int64_t>(*rank) : axis;
  if (split < 0 || split > static_cast<std::int64_t>(*rank))
    return refuse(n, Cause::invalid_attribute, "axis is outside of the input's rank");
  std::int64_t outer = 1, inner = 1;
  for (std::size_t i = 0; i < *rank; ++i) {
    std::int64_t& product = static_cast<std::int64_t>(i) < split ? outer : inner;
    const std::int64_t d = x.type().shape[i];
    product = d < 0 || product < 0 ? -1 : product * d;
  }
  if (outer < 0 && inner < 0)
    return refuse(n, Cause::shape_mismatch,
                  "'" + std::string(n.op()) + "' before opset 13 needs dimensions that are known on one side of its axis");
  const Value flat = reshape(g, wide, {inner < 0 ? outer : -1, inner});
  const Value y = g.add(op, {flat}, attributes(-1));
  return narrowed(g, g.add("reshape", {y, g.add("shape", {wide}, {{"out_type", std::string("int64")}})}), dtype);
}

/// Outputs behind the first are statistics of training, or those of the normalization.
Result<Outputs> lower_batch_normalization(const SourceNode& n, GraphBuilder& g) {
  for (std::size_t i = 0; i < 5; ++i)
    if (!given(n, i)) return lacks(n);
  const Value x = widened(g, n.input(0));
  const auto operand = [&](std::size_t i) { return cast(g, n.input(i), DType::float32); };
  const DType dtype = n.input(0).type().dtype();
  const Attributes a{{"epsilon", n.number("epsilon", 1e-5)}};
  if (n.integer("training_mode") == 0) {
    if (n.version() < 7 && n.integer("is_test") == 0 && n.output_count() > 1)
      return refuse(n, Cause::invalid_attribute, "BatchNormalization in training mode is not inference");
    return narrowed(g, g.add("batch_normalization", {x, operand(1), operand(2), operand(3), operand(4)}, a), dtype);
  }
  const auto rank = rank_of(x);
  if (!rank || *rank < 2)
    return refuse(n, Cause::shape_mismatch, "BatchNormalization in training mode needs an input of known rank");
  std::vector<std::int64_t> axes{0};
  for (std::size_t i = 2; i < *rank; ++i) axes.push_back(static_cast<std::int64_t>(i));
  const Value over = constant(g, axes);
  const Value mean = g.add("mean", {x, over}), centred = sub(g, x, g.add("mean", {x, over}, keep_dims));
  const Value variance = g.add("mean", {g.add("square", {centred}), over});
  const Value y = g.add("batch_normalization", {x, operand(1), operand(2), mean, variance}, a);
  const double momentum = n.number("momentum", 0.9);
  const auto running = [&](std::size_t i, Value now) {
    const Value mixed = add(g, g.add("mul", {operand(i), number(g, momentum)}), g.add("mul", {now, number(g, 1.0 - momentum)}));
    return Value(narrowed(g, mixed, n.input(i).type().dtype()));
  };
  std::vector<Value> outputs{narrowed(g, y, dtype)};
  if (n.output_count() > 1) outputs.push_back(running(3, mean));
  if (n.output_count() > 2) outputs.push_back(running(4, variance));
  return Outputs(std::move(outputs));
}

Result<Outputs> lower_layer_normalization(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (!x) return lacks(n);
  const DType dtype = x.type().dtype();
  const bool rms = n.op() == "RMSNormalization" || n.op() == "SimplifiedLayerNormalization";
  // ONNX Runtime has kernels of 16 bits for it: what they are given and give is rounded.
  const auto wide = [&](Value v) { return v && narrow_float(v.type().dtype()) ? cast(g, v, DType::float32) : v; };
  const auto rounded = [&](Value v) { return is_float(dtype) ? cast(g, v, dtype) : v; };
  const Outputs y =
      g.add("layer_normalization", {wide(x), wide(n.input(1)), rms ? Value{} : wide(n.input(2))},
            {{"axis", n.integer("axis", -1)}, {"epsilon", n.number("epsilon", 1e-5)}, {"subtract_mean", std::int64_t{!rms}}});
  if (y.size() < 3) return y;
  if (rms) return Outputs{rounded(y[0]), y[2]};
  return Outputs{rounded(y[0]), y[1], y[2]};
}

Result<Outputs> lower_group_normalization(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (!x) return lacks(n);
  const bool instance = n.op() == "InstanceNormalization";
  const std::int64_t groups = instance ? 0 : n.integer("num_groups");
  if (!instance && groups < 1) return refuse(n, Cause::missing_attribute, "GroupNormalization lacks num_groups");
  return Outputs(add_wide(g, "group_normalization", {x, n.input(1), n.input(2)},
                          {{"groups", groups}, {"epsilon", n.number("epsilon", 1e-5)}}));
}

Result<Outputs> lower_lrn(const SourceNode& n, GraphBuilder& g) {
  const std::int64_t size = n.integer("size");
  if (size < 1) return refuse(n, Cause::missing_attribute, "LRN lacks its size");
  return Outputs(add_wide(g, "local_response_normalization", {n.input(0)},
                          {{"radius", (size - 1) / 2},
                           {"after", size / 2},
                           {"bias", n.number("bias", 1.0)},
                           {"alpha", n.number("alpha", 1e-4) / static_cast<double>(size)},
                           {"beta", n.number("beta", 0.75)},
                           {"axis", std::int64_t{1}}}));
}

Result<Outputs> lower_lp_normalization(const SourceNode& n, GraphBuilder& g) {
  const Value x = widened(g, n.input(0));
  if (!x) return lacks(n);
  const Value axis = constant(g, std::vector<std::int64_t>{n.integer("axis", -1)});
  const std::int64_t p = n.integer("p", 2);
  if (p != 1 && p != 2) return refuse(n, Cause::invalid_attribute, "LpNormalization knows the norms 1 and 2");
  Value length = g.add("sum", {g.add(p == 1 ? "abs" : "square", {x}), axis}, keep_dims);
  if (p == 2) length = g.add("sqrt", {length});
  // What has no length stays zero.
  return narrowed(g, div(g, x, g.add("maximum", {length, number(g, 1e-37)})), n.input(0).type().dtype());
}

Result<Outputs> lower_mean_variance_normalization(const SourceNode& n, GraphBuilder& g) {
  const Value x = widened(g, n.input(0));
  if (!x) return lacks(n);
  std::vector<std::int64_t> axes = n.integers("axes");
  if (axes.empty()) axes = {0, 2, 3};
  const Value over = constant(g, axes);
  const Value mean = g.add("mean", {x, over}, keep_dims);
  const Value mean_of_squares = g.add("mean", {g.add("square", {x}), over}, keep_dims);
  const Value deviation = g.add("sqrt", {g.add("maximum", {sub(g, mean_of_squares, g.add("square", {mean})), number(g, 0.0)})});
  return narrowed(g, div(g, sub(g, x, mean), add(g, deviation, number(g, 1e-9))), n.input(0).type().dtype());
}

}  // namespace qgraph::formats::onnx
