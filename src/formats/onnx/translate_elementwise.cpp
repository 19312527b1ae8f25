// ONNX's elementwise ops that are not one to one.
#include "formats/onnx/tensor_types.hpp"
#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

/// The arithmetic ops keep infinities; TensorFlow Lite clamps to finite numbers.
const Attributes unclamped{{"finite", std::int64_t{0}}};

/// x op y op z ..., from left to right.
Result<Outputs> chain(const SourceNode& n, GraphBuilder& g, std::string_view op, const Attributes& attributes) {
  if (n.input_count() == 0) return refuse(n, Cause::dangling_reference, "'" + std::string(n.op()) + "' has no operand");
  const DType dtype = given(n, 0) ? n.input(0).type().dtype() : DType::unknown;
  const bool wide = dtype == DType::float16;
  const auto operand = [&](std::size_t i) { return wide ? widened(g, n.input(i)) : n.input(i); };
  Value all = operand(0);
  for (std::size_t i = 1; i < n.input_count(); ++i) all = g.add(op, {all, operand(i)}, attributes);
  return wide ? narrowed(g, all, dtype) : Outputs(all);
}

Value ones(GraphBuilder& g, const Value& like) { return constant(g, like.type().storage(), 1.0); }

DType wider(DType a, DType b) { return is_float(b) && !is_float(a) ? DType::float64 : bits(b) > bits(a) ? b : a; }

/// The second operand, as it meets the first. Before opset 7 its shape is a part of the first's from `axis` on, where `broadcast`
/// allows it.
Value aligned(const SourceNode& n, GraphBuilder& g, const Value& x, Value y) {
  if (n.version() >= 7 || n.integer("broadcast") == 0 || !n.attribute("axis") || !rank_of(x) || !rank_of(y)) return y;
  const std::int64_t axis = n.integer("axis"), rank = static_cast<std::int64_t>(*rank_of(x));
  const std::int64_t behind = rank - (axis < 0 ? axis + rank : axis) - static_cast<std::int64_t>(*rank_of(y));
  if (behind <= 0 || behind > rank) return y;
  std::vector<std::int64_t> shape(*rank_of(y), 0);
  for (std::int64_t i = 0; i < behind; ++i) shape.push_back(1);
  return reshape(g, y, std::move(shape));
}

}  // namespace

/// Comparisons and logic before opset 7.
Result<Outputs> lower_old_binary(const SourceNode& n, GraphBuilder& g) {
  constexpr std::pair<std::string_view, std::string_view> names[] = {{"And", "logical_and"}, {"Or", "logical_or"},
                                                                     {"Xor", "logical_xor"}, {"Equal", "equal"},
                                                                     {"Greater", "greater"}, {"Less", "less"}};
  for (const auto& [from, to] : names)
    if (n.op() == from) return g.add(to, {n.input(0), aligned(n, g, n.input(0), n.input(1))});
  return refuse(n, Cause::unknown_op, "'" + std::string(n.op()) + "' is unknown");
}

Result<Outputs> lower_arithmetic(const SourceNode& n, GraphBuilder& g) {
  const std::string_view op = n.op() == "Add" ? "add" : n.op() == "Sub" ? "sub" : n.op() == "Mul" ? "mul" : "div";
  Value x = n.input(0), y = n.input(1);
  y = aligned(n, g, x, y);
  if (x && y && bits(x.type().dtype()) == 16 && is_float(x.type().dtype())) return Outputs(add_wide(g, op, {x, y}, unclamped));
  return g.add(op, {x, y}, unclamped);
}

/// Functions of one operand, attributes none, that the canonical op has under the same name in lower case.
Result<Outputs> lower_function(const SourceNode& n, GraphBuilder& g) {
  std::string op(n.op());
  for (char& c : op) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  const Value x = n.input(0);
  Attributes a;
  if (op == "exp") a.set("polynomial", std::int64_t{1});
  if (x && bits(x.type().dtype()) == 16 && is_float(x.type().dtype())) return Outputs(add_wide(g, op, {x}, std::move(a)));
  return g.add(op, {x}, std::move(a));
}

Result<Outputs> lower_sum(const SourceNode& n, GraphBuilder& g) { return chain(n, g, "add", unclamped); }
Result<Outputs> lower_max(const SourceNode& n, GraphBuilder& g) {
  return chain(n, g, "maximum", {{"nan_wins", std::int64_t{1}}});
}
Result<Outputs> lower_min(const SourceNode& n, GraphBuilder& g) {
  return chain(n, g, "minimum", {{"nan_wins", std::int64_t{1}}});
}
Result<Outputs> lower_mean(const SourceNode& n, GraphBuilder& g) {
  Result<Outputs> sum = chain(n, g, "add", unclamped);
  if (!sum || n.input_count() < 2) return sum;
  const Value total = *sum;
  return g.add("div", {total, constant(g, total.type().storage(), static_cast<double>(n.input_count()))}, unclamped);
}

/// Computed in the wider of both dtypes; the result has the base's.
Result<Outputs> lower_pow(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0), y = aligned(n, g, x, n.input(1));
  if (!x || !y) return refuse(n, Cause::dangling_reference, "'Pow' needs two operands");
  const DType to = x.type().storage(), from = y.type().storage();
  const auto whole = [](DType d) { return is_integer(d); };
  DType in = to == from ? to : is_float(to) ? (bits(from) > 32 && is_float(from) ? DType::float64 : to) : wider(to, from);
  if (whole(in) && in != DType::int32) in = DType::int64;
  if (to == DType::float16 && in == to) return narrowed(g, g.add("pow", {widened(g, x), widened(g, cast(g, y, in))}), to);
  return Outputs(cast(g, g.add("pow", {cast(g, x, in), cast(g, y, in)}), to));
}

Result<Outputs> lower_mod(const SourceNode& n, GraphBuilder& g) {
  return g.add("floor_mod", {n.input(0), n.input(1)}, {{"truncate", n.integer("fmod")}});
}

Result<Outputs> lower_bit_shift(const SourceNode& n, GraphBuilder& g) {
  const std::string direction = n.text("direction");
  if (direction != "LEFT" && direction != "RIGHT")
    return refuse(n, Cause::invalid_attribute, "'direction' is '" + direction + "', neither LEFT nor RIGHT");
  return g.add(direction == "LEFT" ? "left_shift" : "right_shift", {n.input(0), n.input(1)},
               direction == "LEFT" ? Attributes{} : Attributes{{"negative_is_far", std::int64_t{1}}});
}

Result<Outputs> lower_reciprocal(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (!x) return refuse(n, Cause::dangling_reference, "'Reciprocal' needs an operand");
  const Value wide = x.type().dtype() == DType::float16 ? widened(g, x) : x;
  return narrowed(g, g.add("div", {ones(g, wide), wide}, unclamped), x.type().dtype());
}

/// Integers are what they are; the ops that make whole numbers of reals know only reals.
Result<Outputs> lower_whole(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (x && is_integer(x.type().storage())) return Outputs(x);
  const std::string_view op = n.op() == "Ceil" ? "ceil" : n.op() == "Floor" ? "floor" : "round";
  return x && x.type().dtype() == DType::float16 ? Outputs(add_wide(g, op, {x})) : g.add(op, {x});
}

/// Unsigned numbers have no sign to take away.
Result<Outputs> lower_abs(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (x && is_integer(x.type().storage()) && !is_signed(x.type().storage())) return Outputs(x);
  return g.add("abs", {x});
}
Result<Outputs> lower_sign(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (x && is_integer(x.type().storage()) && !is_signed(x.type().storage())) return g.add("minimum", {x, ones(g, x)});
  return g.add("sign", {x});
}

Result<Outputs> lower_is_inf(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  const bool small = x && is_float(x.type().storage()) && bits(x.type().storage()) < 16;
  return g.add("is_inf", {small ? cast(g, x, DType::float32) : x},
               {{"detect_negative", n.integer("detect_negative", 1)}, {"detect_positive", n.integer("detect_positive", 1)}});
}
Result<Outputs> lower_is_nan(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  const bool small = x && is_float(x.type().storage()) && bits(x.type().storage()) < 16;
  return g.add("is_nan", {small ? cast(g, x, DType::float32) : x});
}

Result<Outputs> lower_cast(const SourceNode& n, GraphBuilder& g) {
  const auto named = dtype_from_name(n.text("to"));  // opset 1 has a word
  DType to = named ? *named : dtype_of(n.integer("to"));
  if (n.op() == "CastLike") to = given(n, 1) ? n.input(1).type().storage() : DType::unknown;
  if (n.op() == "CastLike" && to == DType::unknown) to = n.output_type(0).storage();
  if (to == DType::unknown) return refuse(n, Cause::invalid_attribute, "nothing says what to cast to");
  // As in ONNX Runtime: what was computed wide is not rounded on its way to float32, nor what a Cast narrows for an op that
  // computes wide; two Casts that follow each other round.
  const DType from = given(n, 0) ? n.input(0).type().dtype() : DType::unknown;
  const bool widens = to == DType::float32 && (from == DType::float16 || from == DType::bfloat16);
  if (widens)
    if (const Value wide = wide_source(g, n.input(0)); wide.type().dtype() == to) return Outputs(wide);
  const bool elidable = from == DType::float32 && to == DType::float16;
  return g.add("cast", {n.input(0)},
               {{"to", std::string(name(to))},
                {"saturate", n.integer("saturate", 1)},
                {"round_mode", n.text("round_mode", "up")},
                {"wrap", std::int64_t{1}},
                {"elidable", std::int64_t{elidable}}});
}

Result<Outputs> lower_bitcast(const SourceNode& n, GraphBuilder& g) {
  return g.add("bitcast", {n.input(0)}, {{"to", std::string(name(dtype_of(n.integer("to"))))}});
}

/// x beyond lambd, moved towards zero by bias; 0 between.
Result<Outputs> lower_shrink(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (!x) return refuse(n, Cause::dangling_reference, "'Shrink' needs an operand");
  const DType to = x.type().storage();
  const Value wide = is_float(to) ? x : cast(g, x, DType::float32);
  const DType in = wide.type().storage();
  const double lambda = n.number("lambd", 0.5), bias = n.number("bias");
  const Value low = g.add("less", {wide, constant(g, in, -lambda)}), high = g.add("greater", {wide, constant(g, in, lambda)});
  const Value raised = g.add("add", {wide, constant(g, in, bias)}, unclamped),
              lowered = g.add("sub", {wide, constant(g, in, bias)}, unclamped);
  const Value above = g.add("select", {high, lowered, constant(g, in, 0.0)});
  return Outputs(cast(g, g.add("select", {low, raised, above}), to));
}

Result<Outputs> lower_identity(const SourceNode& n, GraphBuilder&) { return Outputs(n.input(0)); }

/// b times a * logistic(alpha * a).
Result<Outputs> lower_swiglu(const SourceNode& n, GraphBuilder& g) {
  const Value a = n.input(0), b = n.input(1);
  if (!a || !b) return refuse(n, Cause::dangling_reference, "'SwiGLU' needs two operands");
  const Value wide = widened(g, a);
  const double alpha = n.number("alpha", 1.0);
  const Value scaled = alpha == 1.0 ? wide : Value(g.add("mul", {wide, constant(g, wide.type().storage(), alpha)}, unclamped));
  const Value gate = g.add("mul", {wide, g.add("logistic", {scaled}, {{"polynomial", std::int64_t{1}}})}, unclamped);
  return Outputs(narrowed(g, g.add("mul", {gate, widened(g, b)}, unclamped), a.type().storage()));
}

}  // namespace qgraph::formats::onnx
