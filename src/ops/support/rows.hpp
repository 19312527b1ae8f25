// Ops that work along one axis (softmax, normalisations): the axis attribute, and the rows it makes.
#pragma once

#include <string>

#include "ops/support/map_elements.hpp"

namespace qgraph {

/// Element c of row (o, i) lies at (o * depth + c) * inner + i.
struct Rows {
  std::int64_t outer = 1, depth = 1, inner = 1;

  Rows(const Shape& shape, std::int64_t axis) noexcept {
    const std::size_t at = normalize_axis(axis, shape.rank()).value_or(0);
    for (std::size_t d = 0; d < shape.rank(); ++d) (d < at ? outer : d == at ? depth : inner) *= shape[d];
  }
  /// f(offset of the row's first element); its elements are `inner` apart.
  template <class F>
  void each(F f) const noexcept {
    if (depth == 0) return;
    for (std::int64_t o = 0; o < outer; ++o)
      for (std::int64_t i = 0; i < inner; ++i) f(o * depth * inner + i);
  }
};

/// A has a member `axis`, from the end where negative. Scalars have no axis.
template <class A>
Result<Types> infer_along_axis(const InferContext& c, std::string_view label) {
  const Shape& shape = c.shape(0);
  if (shape.ranked() && !normalize_axis(c.attributes<A>().axis, shape.rank()))
    return constraint(label, "axis " + std::to_string(c.attributes<A>().axis) + " is outside of the input " + shape.to_string(),
                      Cause::invalid_attribute);
  return infer_same(c);
}

}  // namespace qgraph
