// An op of two dequantized operands.
#include <algorithm>

#include "runtime/passes/fused.hpp"
#include "runtime/passes/islands.hpp"

namespace qgraph::runtime::passes {
namespace {

using Op = kernels::RealBinaryS8::Op;

std::optional<Op> op_of(std::string_view name) {
  constexpr std::pair<std::string_view, Op> ops[] = {{"add", Op::sum},      {"sub", Op::difference},  {"mul", Op::product},
                                                     {"div", Op::quotient}, {"maximum", Op::maximum}, {"minimum", Op::minimum}};
  const auto* found = std::ranges::find(ops, name, &std::pair<std::string_view, Op>::first);
  return found != std::ranges::end(ops) ? std::optional(found->second) : std::nullopt;
}

}  // namespace

bool fuse_binary(const Island& island) {
  Draft& draft = island.draft;
  const auto clamped = without_clamps(island);
  if (!clamped || draft.readers(clamped->real) > 1) return false;
  const Node* node = draft.maker(clamped->real);
  const auto op = node && node->op ? op_of(node->op->name) : std::nullopt;
  if (!op || node->inputs.size() != 2) return false;
  if (node->attribute("activation") && !says(*node, "activation", "none")) return false;
  const TensorId x = dequantized(draft, node->inputs[0]), y = dequantized(draft, node->inputs[1]);
  if (!x || !y || (draft.constant(x) && draft.constant(y))) return false;
  if (draft.type(x).storage() != draft.type(y).storage() || draft.type(x).storage() != island.type().storage()) return false;
  const auto [low, high] = quantized_activation_range(clamped->activation, island.type());
  return island.add(fused_binary, std::make_shared<FusedBinary>(FusedBinary{.op = *op, .low = low, .high = high}), {x, y});
}

}  // namespace qgraph::runtime::passes
