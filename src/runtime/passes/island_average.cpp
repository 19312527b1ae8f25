// Averages over windows, and over the whole image.
#include "runtime/passes/fused.hpp"
#include "runtime/passes/islands.hpp"

namespace qgraph::runtime::passes {
bool averages_images(const Draft& draft, const Node& reduction) {
  if (reduction.inputs.size() < 2 || draft.shape(reduction.inputs[0]).rank() != 4) return false;
  auto axes = draft.integers(reduction.inputs[1]);
  if (!axes || axes->size() != 2) return false;
  for (std::int64_t& axis : *axes) axis += axis < 0 ? 4 : 0;
  return *axes == std::vector<std::int64_t>{2, 3} || *axes == std::vector<std::int64_t>{3, 2};
}

bool fuse_average(const Island& island) {
  Draft& draft = island.draft;
  const Node* node = draft.maker(island.real);
  if (!node || !node->op || draft.readers(island.real) > 1) return false;
  const TensorId bytes = node->inputs.empty() ? TensorId{} : dequantized(draft, node->inputs[0]);
  if (!bytes || draft.constant(bytes) || draft.type(bytes).storage() != island.type().storage()) return false;
  if (node->op->name == "average_pool_2d") {
    const auto& pool = *static_cast<const Pool2d*>(node->attributes.get());
    if (pool.activation != Activation::none) return false;
    return island.add(fused_average_pool,
                      std::make_shared<FusedAveragePool>(FusedAveragePool{.pool = pool, .rounding = island.rounding}), {bytes});
  }
  if (node->op->name != "mean" || !averages_images(draft, *node)) return false;
  FusedAveragePool global{.global = true, .rounding = island.rounding};
  global.pool.layout = Layout::nchw;
  auto attributes = std::make_shared<FusedAveragePool>(global);
  if (says(*node, "keep_dims", 1)) return island.add(fused_average_pool, std::move(attributes), {bytes});
  const std::int64_t channels = draft.shape(bytes)[1];
  if (channels < 0) return false;
  const TensorId image = draft.add(island.quantize, fused_average_pool, std::move(attributes), {bytes}, island.type().element);
  const std::int64_t shape[] = {-1, channels};
  return image && island.add(NewNode{"reshape", {image, draft.constant(shape)}, {}});
}

}  // namespace qgraph::runtime::passes
