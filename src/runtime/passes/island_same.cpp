// Bytes that are dequantized and at once quantized again.
#include "runtime/passes/islands.hpp"

namespace qgraph::runtime::passes {

bool fuse_same(const Island& island) {
  Draft& draft = island.draft;
  const TensorId bytes = dequantized(draft, island.real);
  if (!bytes || draft.type(bytes).element != island.type().element) return false;
  if (draft.output(island.out)) return island.add(NewNode{"reinterpret", {bytes}, {}});
  draft.replace(island.out, bytes);
  return true;
}

}  // namespace qgraph::runtime::passes
