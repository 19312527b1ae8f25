// QuantizeLinear and its kin: parameters that are constants become part of types, others stay operands.
#include <algorithm>
#include <cmath>
#include <limits>

#include "formats/onnx/tensor_types.hpp"
#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

std::string word(DType d) { return std::string(name(d)); }

/// Parameters that a type can carry.
bool fits_type(DType storage) { return is_integer(storage) && bits(storage) <= 32 && !is_quantized(storage); }

/// Scales that are not positive numbers stand beside the operands as they are: types hold sound ones only.
bool sound(const Quantization& q) {
  return !q.scales.empty() &&
         std::ranges::all_of(q.scales, [](float s) { return s > 0.0F && s < std::numeric_limits<float>::infinity(); });
}

}  // namespace

Result<Outputs> lower_quantize_linear(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0), scale = n.input(1), zero = n.input(2);
  if (!x || !scale) return refuse(n, Cause::dangling_reference, "QuantizeLinear lacks its input or its scale");
  DType to = zero ? zero.type().storage() : dtype_of(n.integer("output_dtype"));
  if (to == DType::unknown) to = DType::uint8;
  const std::int64_t axis = n.integer("axis", 1), block = n.integer("block_size");
  // The quotient is rounded to `precision`; of two narrow floats it is one of these.
  DType precision = dtype_of(n.integer("precision"));
  if (precision == DType::unknown)
    precision = narrow_float(scale.type().dtype()) && bits(x.type().dtype()) == 16 ? scale.type().dtype() : DType::float32;
  Attributes a{{"rounding", std::string("half_even")}, {"storage", word(to)}, {"precision", word(precision)}};
  const Value input = stored(g, x);
  const auto q = parameters(input, scale, zero, axis, block);
  if (q && fits_type(to) && sound(*q))
    return Outputs(stored(g, g.add("quantize", {input}, std::move(a), {TensorType(Quantized(to, *q), Shape::unknown_rank())})));
  a.set("axis", axis);
  a.set("block_size", block);
  a.set("saturate", n.integer("saturate", 1));
  const bool floats = is_float(to);
  return g.add("quantize", {input, scale, floats ? Value{} : zero}, std::move(a));
}

Result<Outputs> lower_dequantize_linear(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0), scale = n.input(1), zero = n.input(2);
  if (!x || !scale) return refuse(n, Cause::dangling_reference, "DequantizeLinear lacks its input or its scale");
  const std::int64_t axis = n.integer("axis", 1), block = n.integer("block_size");
  DType to = dtype_of(n.integer("output_dtype"));
  if (to == DType::unknown) to = scale.type().dtype();
  Attributes a{{"output_type", word(to)}};
  const auto q = parameters(x, scale, zero, axis, block);
  if (q && fits_type(x.type().storage()) && sound(*q)) return g.add("dequantize", {quantized_as(g, x, *q)}, std::move(a));
  a.set("axis", axis);
  a.set("block_size", block);
  return g.add("dequantize", {stored(g, x), scale, is_float(x.type().storage()) ? Value{} : zero}, std::move(a));
}

Result<Outputs> lower_dynamic_quantize_linear(const SourceNode& n, GraphBuilder& g) {
  return g.add("dynamic_quantize", {widened(g, n.input(0))});
}

namespace {

/// numpy's rounding functions, as qonnx names them.
Value rounded(const SourceNode& n, GraphBuilder& g, Value x) {
  std::string mode = n.text("rounding_mode", n.op() == "Trunc" ? "FLOOR" : "ROUND");
  for (char& c : mode) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  if (mode == "ROUND" || mode == "HALF_EVEN") return g.add("round", {x});
  if (mode == "FLOOR") return g.add("floor", {x});
  if (mode == "CEIL") return g.add("ceil", {x});
  const auto by_magnitude = [&](std::string_view op, double offset) {
    Value size = g.add("abs", {x});
    if (offset != 0) size = g.add("add", {size, constant(g, DType::float32, offset)});
    return Value(g.add("mul", {g.add("sign", {x}), g.add(op, {size})}));
  };
  if (mode == "DOWN" || mode == "ROUND_TO_ZERO") return by_magnitude("floor", 0);
  if (mode == "UP") return by_magnitude("ceil", 0);
  if (mode == "HALF_UP") return by_magnitude("floor", 0.5);
  if (mode == "HALF_DOWN") return by_magnitude("ceil", -0.5);
  g.fail(n.problem(Cause::invalid_attribute, "rounding mode '" + mode + "' is unknown"));
  return x;
}

/// Clipped to what integers of `width` bits hold.
Value clipped(const SourceNode& n, GraphBuilder& g, Value x, double width) {
  const bool is_signed = n.integer("signed", 1) != 0, narrow = n.integer("narrow") != 0;
  const double span = std::exp2(width);
  const double high = is_signed ? span / 2 - 1 : narrow ? span - 2 : span - 1;
  const double low = is_signed ? (narrow ? -span / 2 + 1 : -span / 2) : 0.0;
  return g.add("minimum", {g.add("maximum", {x, constant(g, DType::float32, low)}), constant(g, DType::float32, high)});
}

Value bipolar(GraphBuilder& g, Value x) {
  const Value positive = g.add("greater_equal", {x, constant(g, DType::float32, 0.0)});
  return g.add("select", {positive, constant(g, DType::float32, 1.0), constant(g, DType::float32, -1.0)});
}

/// The one width that an operand gives; nothing where it is computed, differs, or makes no sense.
std::optional<double> bit_width(const Value& v) {
  const auto widths = numbers(v);
  if (!widths || widths->empty() || !((*widths)[0] >= 1 && (*widths)[0] <= 32)) return std::nullopt;
  for (double w : *widths)
    if (w != (*widths)[0]) return std::nullopt;
  return (*widths)[0];
}

}  // namespace

/// Brevitas' and QONNX's Quant: to integers of a width and back, in one node. Inputs x, scale, zero point, bit width.
Result<Outputs> lower_quant(const SourceNode& n, GraphBuilder& g) {
  const auto width = bit_width(n.input(3));
  if (!width)
    return refuse(n, Cause::missing_quantization,
                  "the bit width of '" + std::string(n.op()) + "' must be one constant from 1 to 32");
  const Value x = widened(g, n.input(0)), scale = widened(g, n.input(1)), zero = widened(g, n.input(2));
  if (!x || !scale || !zero) return refuse(n, Cause::dangling_reference, "'" + std::string(n.op()) + "' lacks an input");
  const Attributes open{{"finite", std::int64_t{0}}};
  Value q = g.add("add", {g.add("div", {x, scale}, open), zero}, open);
  // Clipped, then rounded, as qonnx computes it.
  q = *width == 1 && n.integer("signed", 1) != 0 ? bipolar(g, q) : rounded(n, g, clipped(n, g, q, *width));
  return narrowed(g, g.add("mul", {g.add("sub", {q, zero}, open), scale}, open), n.input(0).type().dtype());
}

/// x to +scale or -scale; 0 counts as positive.
Result<Outputs> lower_bipolar_quant(const SourceNode& n, GraphBuilder& g) {
  if (!given(n, 0) || !given(n, 1)) return refuse(n, Cause::dangling_reference, "BipolarQuant lacks an input");
  return narrowed(g, g.add("mul", {bipolar(g, widened(g, n.input(0))), widened(g, n.input(1))}), n.input(0).type().dtype());
}

/// Low bits of already quantized values cut off. Inputs x, scale, zero point, bit width before, in version 2 the scale of the
/// result, and bit width behind. Version 1 gives back the first scale's units, version 2 those of the result.
Result<Outputs> lower_trunc(const SourceNode& n, GraphBuilder& g) {
  const bool scaled = n.input_count() > 5;
  const Value x = widened(g, n.input(0)), scale = widened(g, n.input(1)), zero = widened(g, n.input(2));
  const auto before = bit_width(n.input(3)), behind = bit_width(n.input(scaled ? 5 : 4));
  if (!x || !scale || !zero || !before || !behind)
    return refuse(n, Cause::missing_quantization, "Trunc wants a scale, a zero point and constant bit widths from 1 to 32");
  Value q = g.add("round", {g.add("add", {g.add("div", {x, scale}), zero})});
  if (!scaled) {
    q = rounded(n, g, g.add("div", {q, constant(g, DType::float32, std::exp2(*before - *behind))}));
    return narrowed(g, g.add("mul", {g.add("sub", {q, zero}), scale}), n.input(0).type().dtype());
  }
  const auto from = numbers(n.input(1)), to = numbers(n.input(4));
  if (!from || !to || from->size() != 1 || to->size() != 1)
    return refuse(n, Cause::missing_quantization, "Trunc wants one constant scale before and one behind");
  const Value step = constant(g, DType::float32, std::exp2(std::nearbyint(std::log2((*to)[0] / (*from)[0]))));
  q = rounded(n, g, clipped(n, g, g.add("div", {q, step}), *behind));
  q = g.add("sub", {q, g.add("div", {zero, step})});
  return narrowed(g, g.add("mul", {q, widened(g, n.input(4))}), n.input(0).type().dtype());
}

/// OpenVINO's FakeQuantize, as NNCF leaves it: x, input low and high, output low and high.
Result<Outputs> lower_fake_quantize(const SourceNode& n, GraphBuilder& g) {
  const std::int64_t levels = n.integer("levels", 256);
  if (levels < 2) return refuse(n, Cause::invalid_attribute, "levels must be 2 or more");
  for (std::size_t i = 0; i < 5; ++i)
    if (!given(n, i)) return refuse(n, Cause::dangling_reference, "FakeQuantize lacks a limit");
  const Value x = widened(g, n.input(0)), low = widened(g, n.input(1)), high = widened(g, n.input(2));
  const Value out_low = widened(g, n.input(3)), out_high = widened(g, n.input(4));
  const Value steps = constant(g, DType::float32, static_cast<double>(levels - 1));
  const auto sub = [&](Value a, Value b) { return Value(g.add("sub", {a, b}, {{"finite", std::int64_t{0}}})); };
  const auto mul = [&](Value a, Value b) { return Value(g.add("mul", {a, b}, {{"finite", std::int64_t{0}}})); };
  const auto div = [&](Value a, Value b) { return Value(g.add("div", {a, b}, {{"finite", std::int64_t{0}}})); };
  const Value clipped = g.add("minimum", {g.add("maximum", {x, low}), high});
  const Value level = g.add("round", {mul(div(sub(clipped, low), sub(high, low)), steps)});
  const Value y = g.add("add", {mul(div(level, steps), sub(out_high, out_low)), out_low}, {{"finite", std::int64_t{0}}});
  return narrowed(g, y, n.input(0).type().dtype());
}

/// Deeploy's requantization of integers that lie in float tensors: (x * mul + add) / div, rounded half up, clipped.
Result<Outputs> lower_requant_shift(const SourceNode& n, GraphBuilder& g) {
  const auto number = [&](std::string_view key) -> std::optional<double> {
    const auto v = n.attribute(key);
    if (!v) return std::nullopt;
    if (const auto* t = std::get_if<Tensor>(&*v)) {
      const auto list = numbers(g.constant(t->type, t->data));
      return list && !list->empty() ? std::optional(list->front()) : std::nullopt;
    }
    return n.number(key);
  };
  const auto divisor = number("div"), levels = number("n_levels_out") ? number("n_levels_out") : number("n_levels");
  const double is_signed = number("signed").value_or(1);
  if (!divisor || !levels || !(*divisor > 0) || !given(n, 1) || !given(n, 2))
    return refuse(n, Cause::missing_attribute, "RequantShift needs div, n_levels_out, and operands to multiply by and to add");
  Value x = n.input(0);
  const DType dtype = x.type().dtype();
  const auto wide = [&](Value v) { return cast(g, stored(g, v), DType::float64); };
  // Products of 32-bit sums are exact in double. Parameters of one element per channel go along axis 1.
  const auto along = [&](Value v) {
    const auto rank = rank_of(x), own = rank_of(v);
    if (!rank || !own || *own != 1 || *rank < 3) return wide(v);
    std::vector<std::int64_t> shape(*rank - 1, 1);
    shape[0] = -1;
    return wide(reshape(g, v, std::move(shape)));
  };
  const double low = is_signed != 0 ? -std::floor(*levels / 2) : 0.0,
               high = is_signed != 0 ? std::floor(*levels / 2) - 1 : *levels - 1;
  Value y = g.add("add", {g.add("mul", {wide(x), along(n.input(1))}), along(n.input(2))});
  y = g.add("add", {y, constant(g, DType::float64, *divisor / 2)});
  y = g.add("floor", {g.add("div", {y, constant(g, DType::float64, *divisor)})});
  y = g.add("minimum", {g.add("maximum", {y, constant(g, DType::float64, low)}), constant(g, DType::float64, high)});
  return Outputs(cast(g, y, dtype));
}

}  // namespace qgraph::formats::onnx
