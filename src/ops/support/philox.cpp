// The type rule of random ops that take a shape.
#include "ops/support/philox.hpp"

#include <algorithm>
#include <string>

namespace qgraph {

Result<Types> infer_random(const InferContext& c, std::string_view op) {
  const Shape& list = c.shape(0);
  const DType dtype = c.input(0).storage();
  if ((dtype != DType::int32 && dtype != DType::int64 && dtype != DType::unknown) || (list.ranked() && list.rank() != 1))
    return constraint(std::string(op) + "_c1", "the shape operand is " + c.input(0).to_string() + ", no list of integers");
  if (auto dims = c.integers(0)) {
    if (std::ranges::any_of(*dims, [](std::int64_t d) { return d < 0; }))
      return constraint(std::string(op) + "_c1", "the shape has a negative dimension", Cause::data_out_of_range);
    return Types{TensorType(DType::float32, Shape(std::move(*dims)))};
  }
  constexpr std::int64_t most = 64;  // a rank that a list of unknown values may announce
  if (!list.is_static() || list[0] > most) return Types{TensorType(DType::float32, Shape::unknown_rank())};
  return Types{TensorType(DType::float32, Shape(std::vector<std::int64_t>(static_cast<std::size_t>(list[0]), Shape::dynamic)))};
}

}  // namespace qgraph
