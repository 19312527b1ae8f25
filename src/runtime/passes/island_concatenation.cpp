// A concatenation of dequantized parts: those with other parameters than the result's are requantized.
#include "runtime/passes/islands.hpp"

namespace qgraph::runtime::passes {

bool fuse_concatenation(const Island& island) {
  Draft& draft = island.draft;
  const Node* node = draft.maker(island.real, "concatenation");
  if (!node || draft.readers(island.real) > 1) return false;
  const Node joined = *node;
  std::vector<TensorId> parts;
  for (TensorId real : joined.inputs) {
    parts.push_back(dequantized(draft, real));
    if (!parts.back()) return false;
  }
  for (TensorId& part : parts) {
    if (draft.type(part).element == island.type().element) continue;
    part = draft.add(island.quantize, {"quantize", {part}, attributes_with(island.quantize, {})}, island.type().element);
    if (!part) return false;
  }
  return island.add({"concatenation", parts, attributes_with(joined, {})});
}

}  // namespace qgraph::runtime::passes
