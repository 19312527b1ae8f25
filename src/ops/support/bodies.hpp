// What ops with bodies share: room for a body's outputs, copying them to the node's, types that two graphs agree on.
#pragma once

#include <cstring>
#include <memory>

#include "ops/op_def.hpp"

namespace qgraph {

/// PrepareFn: room in scratch for one View per output, and for a condition.
inline Result<std::shared_ptr<const void>> prepare_bodies(PrepareContext& c) {
  c.scratch_bytes = (c.outputs.size() + 1) * sizeof(View);
  return std::shared_ptr<const void>();
}

/// Views in scratch, one per output of the node.
inline std::span<View> body_results(const KernelArgs& args) noexcept {
  auto* views = reinterpret_cast<View*>(args.scratch);
  std::uninitialized_default_construct_n(views, args.outputs.size());
  return {views, args.outputs.size()};
}

/// Copies values to the node's outputs, which take their shapes. False: failed, and recorded.
inline bool copy_to_outputs(const KernelArgs& args, std::span<const View> values) noexcept {
  for (std::size_t o = 0; o < args.outputs.size(); ++o) {
    if (!args.outputs[o]) continue;
    std::byte* to = args.control->resize(o, *values[o].type, values[o].bytes);
    if (!to) return false;
    if (values[o].bytes > 0) std::memcpy(to, values[o].data, values[o].bytes);
  }
  return true;
}

/// The shape that holds for both: dims that differ are dynamic.
inline Shape common_shape(const Shape& a, const Shape& b) {
  if (!a.ranked() || !b.ranked() || a.rank() != b.rank()) return Shape::unknown_rank();
  Shape common = a;
  for (std::size_t i = 0; i < a.rank(); ++i)
    if (a[i] != b[i]) common[i] = Shape::dynamic;
  return common;
}

/// The types of a body's outputs where its graph is known (while a graph is built by hand it is not).
inline const Types* body_types(const InferContext& c, std::size_t body) noexcept {
  return body < c.body_outputs.size() && !c.body_outputs[body].empty() ? &c.body_outputs[body] : nullptr;
}

}  // namespace qgraph
