// ONNX Runtime's QLinearGlobalAveragePool: sums of stored integers times one factor.
#include "runtime/passes/fused.hpp"
#include "runtime/passes/islands.hpp"

namespace qgraph::runtime::passes {
namespace {

/// The operand of a node of this op that alone reads it.
TensorId operand_of(const Draft& draft, TensorId t, std::string_view op) {
  const Node* node = draft.readers(t) <= 1 ? draft.maker(t, op) : nullptr;
  return node && !node->inputs.empty() ? node->inputs[0] : TensorId{};
}

}  // namespace

bool fuse_global_average(const Island& island) {
  Draft& draft = island.draft;
  const Node* scaled = draft.maker(island.real, "mul");
  if (!scaled || draft.readers(island.real) > 1) return false;
  const auto factor = scalar(draft, scaled->inputs[1]);
  const TensorId sums = operand_of(draft, scaled->inputs[0], "cast");
  const Node* sum = draft.maker(sums, "sum");
  if (!factor || !sum || draft.type(sums).dtype() != DType::int32 || draft.readers(sums) > 1) return false;
  if (!says(*sum, "keep_dims", 1) || !averages_images(draft, *sum)) return false;
  const Node* centred = draft.maker(sum->inputs[0], "sub");
  const auto zero = centred ? draft.integers(centred->inputs[1]) : std::nullopt;
  const TensorId stored = centred ? operand_of(draft, centred->inputs[0], "cast") : TensorId{};
  const Node* view = draft.maker(stored, "reinterpret");
  if (!zero || zero->size() != 1 || !view || zero->front() < -128 || zero->front() > 255) return false;
  const TensorId bytes = view->inputs[0];
  if (!quantized_bytes(draft.type(bytes)) || draft.type(bytes).storage() != island.type().storage()) return false;
  FusedAveragePool average{
      .global = true, .rounding = island.rounding, .factor = *factor, .zero = static_cast<std::int32_t>(zero->front())};
  average.pool.layout = Layout::nchw;
  return island.add(fused_average_pool, std::make_shared<FusedAveragePool>(average), {bytes});
}

}  // namespace qgraph::runtime::passes
