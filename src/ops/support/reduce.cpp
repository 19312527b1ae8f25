// Shapes and geometry of reductions.
#include "ops/support/reduce.hpp"

#include <string>

#include "ops/support/unpack_sub_byte.hpp"

namespace qgraph {

Result<Types> infer_reduce(const InferContext& c, std::string_view op) {
  const Shape& shape = c.shape(0);
  const bool keep = c.attributes<Reduce>().keep_dims;
  const auto typed = [&](Shape s) { return Types{c.output(0, c.input(0).element, std::move(s))}; };
  if (c.has(1) && c.input(1).storage() != DType::int32 && c.input(1).storage() != DType::int64 &&
      c.input(1).storage() != DType::unknown)
    return constraint(std::string(op) + "_c1", "axes must be int32 or int64", Cause::unsupported_dtype);
  if (!shape.ranked()) return typed(Shape::unknown_rank());
  if (shape.rank() > Reduction::most_axes) return constraint(std::string(op) + "_c2", "more than 16 axes: " + shape.to_string());
  const auto axes = c.integers(1);
  if (c.has(1) && !axes)
    return typed(keep ? Shape(std::vector<std::int64_t>(shape.rank(), Shape::dynamic)) : Shape::unknown_rank());
  std::vector<bool> reduced(shape.rank(), !c.has(1));
  if (axes && shape.rank() > 0)
    for (std::int64_t axis : *axes) {
      const auto at = normalize_axis(axis, shape.rank());
      if (!at)
        return constraint(std::string(op) + "_c1",
                          "axis " + std::to_string(axis) + " is outside of the input " + shape.to_string(),
                          Cause::invalid_attribute);
      reduced[*at] = true;
    }
  std::vector<std::int64_t> dims;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    if (!reduced[i])
      dims.push_back(shape[i]);
    else if (keep)
      dims.push_back(1);
  }
  return typed(Shape(std::move(dims)));
}

Reduction::Reduction(const KernelArgs& args) noexcept {
  const View& input = args.inputs[0];
  const std::size_t rank = input.rank();
  std::array<bool, most_axes> reduced{};
  if (args.has(1)) {
    const View& axes = args.inputs[1];
    const std::int64_t n = axes.elements();
    for (std::int64_t i = 0; i < n && rank > 0; ++i) {
      const auto at = normalize_axis(integer_at(axes.data, axes.type->storage(), i), rank);
      if (!at) {
        args.control->fail("an axis to reduce is outside of the input");
        valid_ = false;
        return;
      }
      reduced[*at] = true;
    }
  } else {
    reduced.fill(true);
  }
  all_axes_ = true;
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t size = input.dim(d);
    inputs_ *= size;
    (reduced[d] ? reduced_ : outputs_) *= size;
    all_axes_ = all_axes_ && reduced[d];
    if (size == 1) continue;
    if (d > 0 && rank_ > 0 && (steps_[rank_ - 1] == 0) == reduced[d])
      sizes_[rank_ - 1] *= size;
    else {
      steps_[rank_] = reduced[d] ? 0 : 1;
      sizes_[rank_++] = size;
    }
  }
  std::int64_t step = 1;
  for (std::size_t d = rank_; d-- > 0;)
    if (steps_[d] != 0) {
      steps_[d] = step;
      step *= sizes_[d];
    }
}

}  // namespace qgraph
