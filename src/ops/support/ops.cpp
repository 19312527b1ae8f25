// The list of all ops (generated from file names), and finding one by name.
#include <algorithm>
#include <vector>

#include "core/text_order.hpp"
#include "ops/op_def.hpp"

namespace qgraph {
namespace ops {
extern const OpDef* const list[];
extern const std::size_t list_size;
}  // namespace ops

std::span<const OpDef* const> all_ops() noexcept { return {ops::list, ops::list_size}; }

const OpDef* find_op(std::string_view name) noexcept {
  static const std::vector<const OpDef*> sorted = [] {
    std::vector<const OpDef*> all(ops::list, ops::list + ops::list_size);
    std::ranges::sort(all, {}, &OpDef::name);
    return all;
  }();
  const auto at = lower_bound_of_text(sorted, name, &OpDef::name);
  return at != sorted.end() && (*at)->name == name ? *at : nullptr;
}

}  // namespace qgraph
