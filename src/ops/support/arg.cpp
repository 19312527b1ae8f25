// Shape and type of arg_max and arg_min.
#include "ops/support/arg.hpp"

namespace qgraph {

Result<Types> infer_arg(const InferContext& c, std::string_view op) {
  const auto& a = c.attributes<ArgExtreme>();
  const auto broken = [&](int number, std::string message, Cause cause) {
    return constraint(std::string(op) + "_c" + std::to_string(number), std::move(message), cause);
  };
  if (a.output_type != DType::int32 && a.output_type != DType::int64)
    return broken(3, "positions are int32 or int64, not " + std::string(name(a.output_type)), Cause::invalid_attribute);
  const DType axis_dtype = c.input(1).storage();
  const auto count = c.shape(1).elements();
  if ((axis_dtype != DType::int32 && axis_dtype != DType::int64) || (count && *count != 1))
    return broken(1, "axis must be one int32 or int64", Cause::invalid_attribute);
  const Shape& shape = c.shape(0);
  if (!shape.ranked()) return Types{TensorType(a.output_type, Shape::unknown_rank())};
  if (shape.rank() == 0) return broken(1, "a scalar has no axis", Cause::shape_mismatch);
  const auto axes = c.integers(1);
  if (!axes || axes->empty()) {
    return Types{
        TensorType(a.output_type, Shape(std::vector<std::int64_t>(shape.rank() - (a.keep_dims ? 0 : 1), Shape::dynamic)))};
  }
  const auto axis = normalize_axis((*axes)[0], shape.rank());
  if (!axis)
    return broken(1, "axis " + std::to_string((*axes)[0]) + " is outside of the input " + shape.to_string(),
                  Cause::invalid_attribute);
  if (shape[*axis] == 0) return broken(2, "the extreme of nothing has no position: " + shape.to_string(), Cause::shape_mismatch);
  std::vector<std::int64_t> dims(shape.begin(), shape.end());
  if (a.keep_dims)
    dims[*axis] = 1;
  else
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(*axis));
  return Types{TensorType(a.output_type, Shape(std::move(dims)))};
}

}  // namespace qgraph
