// Products of matrices. One with constant weights is a fully connected layer.
#include "runtime/passes/islands.hpp"

namespace qgraph::runtime::passes {

bool fuse_matmul(const Island& island) {
  Draft& draft = island.draft;
  const auto clamped = without_clamps(island);
  if (!clamped || clamped->activation != Activation::none || draft.readers(clamped->real) > 1) return false;
  const Node* node = draft.maker(clamped->real, "batch_matmul");
  if (!node) return false;
  const Node product = *node;
  const TensorId x = dequantized(draft, product.inputs[0]);
  TensorId y = dequantized_constant(draft, product.inputs[1]);
  if (!y) y = dequantized(draft, product.inputs[1]);
  if (!x || !y || draft.constant(x)) return false;
  const TensorType& type = draft.type(y);
  constexpr std::int64_t most_products = std::int64_t{1} << 15;  // longer sums might not fit 32 bits
  if (bits(type.storage()) != 8 || type.quantization()->block_size != 0 || !type.shape.ranked() || type.shape.rank() < 2)
    return false;
  const bool turned = says(product, "adj_y", 1);
  const std::size_t columns = type.shape.rank() - (turned ? 2 : 1), depth = 2 * type.shape.rank() - 3 - columns;
  if (type.shape[depth] < 0 || type.shape[depth] > most_products) {
    const Shape& rows = draft.shape(x);  // the depth may be known from the other side
    if (!rows.ranked() || rows.rank() < 2) return false;
    const std::int64_t same = rows[rows.rank() - (says(product, "adj_x", 1) ? 2 : 1)];
    if (same > most_products || type.shape[depth] > most_products) return false;
  }
  if (!type.quantization()->per_tensor() && type.quantization()->axis != static_cast<int>(columns)) return false;
  return island.add({"batch_matmul",
                     {x, y},
                     attributes_with(product, {{"rounding", std::string("nearest_even")}, {"dynamic_range", std::int64_t{0}}})});
}

}  // namespace qgraph::runtime::passes
