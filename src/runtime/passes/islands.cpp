// Islands of float between DequantizeLinear and QuantizeLinear become ops on bytes, where these give what the definition gives
// but for results that lie between two steps.
#include "runtime/passes/islands.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/passes/pass.hpp"

namespace qgraph::runtime::passes {

TensorId dequantized(const Draft& draft, TensorId real) {
  const Node* node = draft.maker(real, "dequantize");
  if (!node || node->inputs.size() != 1 || draft.type(real).dtype() != DType::float32) return {};
  return quantized_bytes(draft.type(node->inputs[0])) ? node->inputs[0] : TensorId{};
}

TensorId dequantized_constant(const Draft& draft, TensorId real) {
  if (draft.constant(real) && draft.type(real).quantized()) return real;
  const Node* node = draft.maker(real, "dequantize");
  if (!node || node->inputs.size() != 1 || draft.type(real).dtype() != DType::float32) return {};
  return draft.constant(node->inputs[0]) && draft.type(node->inputs[0]).quantized() ? node->inputs[0] : TensorId{};
}

std::optional<float> scalar(const Draft& draft, TensorId t) {
  if (const Node* node = draft.maker(t, "reshape")) t = node->inputs[0];
  if (!draft.constant(t) || draft.type(t).dtype() != DType::float32 || draft.shape(t).elements() != 1) return std::nullopt;
  const std::span<const std::byte> bytes = draft.tensor(t).data.bytes;
  if (bytes.size() != sizeof(float)) return std::nullopt;
  float value = 0;
  std::copy_n(bytes.begin(), sizeof(float), reinterpret_cast<std::byte*>(&value));
  return value;
}

namespace {

/// What a limit is as a stored value, before it is put into the storage's range.
double stored(float limit, const TensorType& type) {
  return static_cast<double>(std::nearbyint(limit / type.scale())) + static_cast<double>(type.zero_point());
}

/// Two clamps that quantized results cannot tell apart.
bool same_clamp(Activation a, float low, float high, const TensorType& type) {
  const IntegerRange range = integer_range(type.storage());
  const auto [least, most] = quantized_activation_range(a, type);
  const auto within = [&](double x) { return std::clamp(x, static_cast<double>(range.min), static_cast<double>(range.max)); };
  return within(stored(low, type)) == static_cast<double>(least) && within(stored(high, type)) == static_cast<double>(most);
}

}  // namespace

std::optional<Clamped> without_clamps(const Island& island) {
  const Draft& draft = island.draft;
  constexpr float infinity = std::numeric_limits<float>::infinity();
  float low = -infinity, high = infinity;
  Clamped found{.real = island.real};
  while (const Node* node = draft.maker(found.real)) {
    if (!node->op || draft.readers(found.real) > 1) break;
    const std::string_view op = node->op->name;
    TensorId next{};
    if (op == "relu" || op == "relu6") {
      low = std::max(low, 0.0F);
      if (op == "relu6") high = std::min(high, 6.0F);
      next = node->inputs[0];
    } else if (op == "maximum" || op == "minimum") {
      auto limit = scalar(draft, node->inputs[1]);
      next = node->inputs[0];
      if (!limit) {
        limit = scalar(draft, node->inputs[0]);
        next = node->inputs[1];
      }
      if (!limit || std::isnan(*limit)) break;
      // A later clamp holds over an earlier one where they contradict each other; that is left alone.
      if (op == "maximum")
        low = std::max(low, *limit);
      else
        high = std::min(high, *limit);
      if (low > high) return std::nullopt;
    } else {
      break;
    }
    found.real = next;
  }
  for (Activation a : {Activation::none, Activation::relu, Activation::relu6, Activation::relu_n1_to_1})
    if (same_clamp(a, low, high, island.type())) {
      found.activation = a;
      return found;
    }
  return std::nullopt;
}

namespace {

/// The island that a quantize node ends.
std::optional<Island> island_of(Draft& draft, const Node& node) {
  if (!node.op || node.op->name != "quantize" || node.inputs.size() != 1 || !node.inputs[0]) return std::nullopt;
  const auto& a = *static_cast<const ops::Quantize*>(node.attributes.get());
  const TensorType &in = draft.type(node.inputs[0]), &out = draft.type(node.outputs[0]);
  if (a.rounding == ops::Ties::half_away || a.narrow_range || a.precision != DType::float32) return std::nullopt;
  if (in.dtype() != DType::float32 || !quantized_bytes(out)) return std::nullopt;
  const IntegerRange range = integer_range(out.storage());
  if (out.zero_point() < range.min || out.zero_point() > range.max || !(out.scale() > 0)) return std::nullopt;
  return Island{.draft = draft, .quantize = node, .real = node.inputs[0], .out = node.outputs[0], .rounding = a.rounding};
}

using Fuse = bool (*)(const Island&);
/// Of ties with the zero point added before, only what runs the definition itself.
constexpr Fuse any_ties[] = {fuse_average, fuse_table};
constexpr Fuse even_ties[] = {fuse_same,    fuse_convolution,    fuse_matmul, fuse_concatenation,
                              fuse_average, fuse_global_average, fuse_table,  fuse_binary};

bool fused(const Island& island) {
  const std::span<const Fuse> list = island.rounding == ops::Ties::half_even ? std::span<const Fuse>(even_ties) : any_ties;
  return std::ranges::any_of(list, [&](Fuse fuse) { return fuse(island); });
}

bool concerns(const Graph& graph) {
  bool to_float = false, to_bytes = false;
  for (const Node& node : graph.nodes()) {
    if (!node.op) continue;
    to_float = to_float || node.op->name == "dequantize" || node.op->name == "cast";
    to_bytes = to_bytes || (node.op->name == "quantize" &&
                            static_cast<const ops::Quantize*>(node.attributes.get())->rounding != ops::Ties::half_away);
  }
  return to_float && to_bytes;
}

void run(Draft& draft) {
  draft.sweep([&](Node& node) {
    if (const auto island = island_of(draft, node); island && fused(*island)) return;
    if (sink(draft, node)) return;
    draft.keep(std::move(node));
  });
}

}  // namespace

extern constexpr Pass islands{.name = "islands", .concerns = concerns, .run = run};

}  // namespace qgraph::runtime::passes
