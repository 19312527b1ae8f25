// ONNX's reductions, and what chooses or counts along axes.
#include "formats/onnx/tensor_types.hpp"
#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

/// What the reductions of a node share: which axes, and whether they stay.
struct Reduced {
  Value axes{};  ///< absent: all
  bool keep = true;
  bool nothing = false;  ///< no axis: only the function of single elements is left
};

Reduced reduced(const SourceNode& n, GraphBuilder& g) {
  Reduced r{.keep = n.integer("keepdims", 1) != 0};
  const std::vector<std::int64_t> attribute = n.integers("axes");
  if (!attribute.empty())
    r.axes = constant(g, attribute);
  else
    r.axes = n.input(1);
  const bool empty = !r.axes || r.axes.type().shape == Shape{0};
  r.nothing = empty && n.integer("noop_with_empty_axes") != 0;
  if (empty) r.axes = Value{};
  return r;
}

/// The dtype in which a reduction is computed: the kernels know few.
DType computed_in(DType d, std::string_view op) {
  if (d == DType::float16 || d == DType::bfloat16) return DType::float32;
  const bool order = op == "reduce_max" || op == "reduce_min";
  switch (d) {
    case DType::int8:
    case DType::uint8:
    case DType::int16: return order ? d : DType::int32;
    case DType::uint16: return DType::int32;
    case DType::uint32:
    case DType::uint64: return DType::int64;
    default: return d;
  }
}

Value reduce(GraphBuilder& g, std::string_view op, Value x, const Reduced& r, bool keep) {
  if (r.nothing || !x) return x;
  const DType to = x.type().storage(), in = computed_in(to, op);
  std::vector<Value> inputs{cast(g, x, in)};
  if (r.axes) inputs.push_back(r.axes);
  Attributes attributes{{"keep_dims", std::int64_t{keep}}};
  if (op == "reduce_max" || op == "reduce_min") attributes.set("infinite", std::int64_t{1});
  return cast(g, g.add(op, std::move(inputs), std::move(attributes)), to);
}

}  // namespace

Result<Outputs> lower_reduce(const SourceNode& n, GraphBuilder& g) {
  const Reduced r = reduced(n, g);
  Value x = n.input(0);
  if (!x) return refuse(n, Cause::dangling_reference, "'" + std::string(n.op()) + "' needs an operand");
  const std::string_view op = n.op().substr(6);
  const auto sum = [&](Value v) { return reduce(g, "sum", v, r, r.keep); };
  // Sums of 16-bit floats are rounded once, at their end.
  const DType to = x.type().storage();
  const DType in = to == DType::float16 || to == DType::bfloat16 ? DType::float32 : to;
  const bool boolean = to == DType::boolean;
  if (op == "Max" || op == "Min") {
    const std::string_view name = boolean       ? (op == "Max" ? "reduce_any" : "reduce_all")
                                  : op == "Max" ? "reduce_max"
                                                : "reduce_min";
    return Outputs(reduce(g, name, x, r, r.keep));
  }
  x = in == to ? x : widened(g, x);
  const auto done = [&](Value v) -> Result<Outputs> { return in == to ? Outputs(cast(g, v, to)) : narrowed(g, v, to); };
  const auto real = [&](std::string_view function, Value v) {  // of integers: by way of float64
    if (is_float(v.type().storage())) return Value(g.add(function, {v}));
    return cast(g, g.add(function, {cast(g, v, DType::float64)}), v.type().storage());
  };
  if (op == "Sum") return done(sum(x));
  if (op == "Mean") return done(reduce(g, "mean", x, r, r.keep));
  if (op == "Prod") return done(reduce(g, "reduce_prod", x, r, r.keep));
  if (op == "L1") return done(sum(is_float(in) || is_signed(in) ? Value(g.add("abs", {x})) : x));
  const Attributes unclamped{{"finite", std::int64_t{0}}};
  if (op == "SumSquare") return done(sum(g.add("mul", {x, x}, unclamped)));
  if (op == "L2") return done(real("sqrt", sum(g.add("mul", {x, x}, unclamped))));
  if (op == "LogSum") return done(real("log", sum(x)));
  if (op != "LogSumExp") return refuse(n, Cause::unknown_op, "there is no reduction '" + std::string(n.op()) + "'");
  if (r.nothing) return Outputs(n.input(0));
  // The largest is taken out of the sum, so that exp cannot overflow; where it is infinite nothing is.
  const Value wide = is_float(in) ? x : cast(g, x, DType::float64);
  const DType dtype = wide.type().storage();
  const auto finite = [&](Value top) { return Value(g.add("select", {g.add("is_inf", {top}), constant(g, dtype, 0.0), top})); };
  const Value shifted = g.add("sub", {wide, finite(reduce(g, "reduce_max", wide, r, true))}, unclamped);
  const Value logs = g.add("log", {sum(g.add("exp", {shifted}))});
  return done(g.add("add", {logs, finite(reduce(g, "reduce_max", wide, r, r.keep))}, unclamped));
}

Result<Outputs> lower_arg_extreme(const SourceNode& n, GraphBuilder& g) {
  return g.add(
      n.op() == "ArgMax" ? "arg_max" : "arg_min", {n.input(0), constant(g, std::vector{n.integer("axis")})},
      {{"keep_dims", n.integer("keepdims", 1)}, {"last", n.integer("select_last_index")}, {"output_type", std::string("int64")}});
}

Result<Outputs> lower_cumulative(const SourceNode& n, GraphBuilder& g) {
  return g.add(
      "cumsum", {n.input(0), n.input(1)},
      {{"exclusive", n.integer("exclusive")}, {"reverse", n.integer("reverse")}, {"product", std::int64_t{n.op() == "CumProd"}}});
}

/// k is an attribute before opset 10, then an operand.
Result<Outputs> lower_top_k(const SourceNode& n, GraphBuilder& g) {
  const Value k = n.version() < 10 ? constant(g, std::vector{n.integer("k")}) : n.input(1);
  const TensorType open(DType::unknown, Shape::unknown_rank());
  return g.add("top_k", {n.input(0), k}, {{"axis", n.integer("axis", -1)}, {"largest", n.integer("largest", 1)}},
               {open, TensorType(DType::int64, Shape::unknown_rank())});
}

/// Coordinates of what is not zero, one column each.
Result<Outputs> lower_non_zero(const SourceNode& n, GraphBuilder& g) {
  return Outputs(transpose(g, g.add("where", {n.input(0)}), {1, 0}));
}

}  // namespace qgraph::formats::onnx
