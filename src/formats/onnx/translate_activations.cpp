// Activations of ONNX.
#include <algorithm>

#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

struct Activation {
  std::string_view op{}, to{};
  std::string_view attributes{};  ///< blank separated
};
constexpr Activation table[] = {
    {"Relu", "relu", ""},         {"Sigmoid", "logistic", ""},
    {"Tanh", "tanh", ""},         {"LeakyRelu", "leaky_relu", "alpha"},
    {"Elu", "elu", "alpha"},      {"Selu", "selu", "alpha gamma"},
    {"Celu", "celu", "alpha"},    {"HardSigmoid", "hard_sigmoid", "alpha beta"},
    {"Mish", "mish", ""},         {"Softplus", "softplus", ""},
    {"Softsign", "softsign", ""}, {"ThresholdedRelu", "thresholded_relu", "alpha"},
    {"Swish", "swish", "alpha"},  {"HardSwish", "hard_swish", ""},
};

}  // namespace

Result<Outputs> lower_activation(const SourceNode& n, GraphBuilder& g) {
  const Value x = stored(g, n.input(0));
  if (!x) return refuse(n, Cause::dangling_reference, "'" + std::string(n.op()) + "' lacks its input");
  for (const Activation& row : table) {
    if (row.op != n.op()) continue;
    Attributes a;
    for (std::string_view rest = row.attributes; !rest.empty();) {
      const std::string_view key = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), key.size() + 1));
      if (n.attribute(key)) a.set(key, n.number(key));
    }
    if (row.to == "logistic" || row.to == "tanh") a.set("polynomial", std::int64_t{1});
    // LeakyRelu's slope is 0.01 in every opset; integers have Relu alone.
    const DType dtype = x.type().dtype();
    if (is_integer(dtype)) return Outputs(g.add("maximum", {x, constant(g, dtype, 0.0)}));
    return Outputs(add_wide(g, row.to, {x}, std::move(a)));
  }
  return refuse(n, Cause::unknown_op, "the activation '" + std::string(n.op()) + "' is unknown");
}

Result<Outputs> lower_gelu(const SourceNode& n, GraphBuilder& g) {
  const bool tanh = n.text("approximate", "none") == "tanh" || n.op() == "FastGelu";
  Value x = n.input(0);
  if (!x) return refuse(n, Cause::dangling_reference, "'" + std::string(n.op()) + "' lacks its input");
  if (given(n, 1)) x = g.add("add", {x, n.input(1)}, {{"finite", std::int64_t{0}}});
  return Outputs(add_wide(g, "gelu", {x}, {{"approximate", std::int64_t{tanh}}}));
}

Result<Outputs> lower_quick_gelu(const SourceNode& n, GraphBuilder& g) {
  return Outputs(add_wide(g, "swish", {n.input(0)}, {{"alpha", n.number("alpha", 1.702)}}));
}

/// Before opset 6 the slope's shape was not yet checked; before 7 a vector goes along axis 1.
Result<Outputs> lower_prelu(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  Value slope = n.input(1);
  if (!x || !slope) return refuse(n, Cause::dangling_reference, "PRelu lacks an operand");
  const auto rank = rank_of(x), own = rank_of(slope);
  if (n.version() < 9 && rank && own == std::size_t{1} && *rank > 2 && slope.type().shape[0] != 1) {
    std::vector<std::int64_t> shape(*rank - 1, 1);
    shape[0] = -1;
    slope = reshape(g, slope, std::move(shape));
  }
  const DType dtype = x.type().dtype();
  if (is_integer(dtype)) {
    const Value below = g.add("mul", {x, slope});
    return Outputs(g.add("select", {g.add("less", {x, constant(g, dtype, 0.0)}), below, x}));
  }
  return Outputs(add_wide(g, "prelu", {x, slope}));
}

/// Before opset 11 the limits are attributes.
Result<Outputs> lower_clip(const SourceNode& n, GraphBuilder& g) {
  Value y = stored(g, n.input(0));
  if (!y) return refuse(n, Cause::dangling_reference, "Clip lacks its input");
  const DType dtype = y.type().dtype();
  const auto limit = [&](std::size_t operand, std::string_view key) {
    if (given(n, operand)) return reshape(g, dtype == DType::float16 ? widened(g, n.input(operand)) : n.input(operand), {});
    return n.version() < 11 && n.attribute(key) ? constant(g, y.type().dtype(), n.number(key)) : Value{};
  };
  if (dtype == DType::float16) y = widened(g, y);
  const Value low = limit(1, "min"), high = limit(2, "max");
  if (low) y = g.add("maximum", {y, low});
  if (high) y = g.add("minimum", {y, high});
  return narrowed(g, y, dtype);
}

/// At inference all passes; the mask says so.
Result<Outputs> lower_dropout(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (!x) return refuse(n, Cause::dangling_reference, "Dropout lacks its input");
  if (const auto training = integers(n.input(2)); given(n, 2) && (!training || training->empty() || (*training)[0] != 0)) {
    const auto ratio = numbers(n.input(1));
    if (!training || !ratio || ratio->empty() || (*ratio)[0] != 0.0)
      return refuse(n, Cause::invalid_attribute, "Dropout in training mode is random",
                    "inference leaves training_mode out or false");
  }
  if (n.output_count() < 2) return Outputs(x);
  const Value shape = g.add("shape", {x}, {{"out_type", std::string("int64")}});
  const bool typed = n.version() < 10;  // the mask had the input's dtype
  const Value mask = g.add("fill", {shape, typed ? constant(g, x.type().dtype(), 1.0) : constant(g, DType::boolean, 1.0)});
  return Outputs{x, mask};
}

}  // namespace qgraph::formats::onnx
