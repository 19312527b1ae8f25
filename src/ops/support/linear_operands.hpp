// Scale and zero point as operands of quantize and dequantize: for parameters that are computed at run time, and for float8 and
// float4, whose elements are no integers that a quantization could be part of.
#pragma once

#include <string>

#include "ops/infer.hpp"
#include "ops/kernel.hpp"
#include "ops/support/dequantize_values.hpp"
#include "ops/support/small_float.hpp"

namespace qgraph {

/// <op>_c3: a scale, or one per index of the axis, or per block; as many zero points, if any.
inline Status check_linear_operands(const InferContext& c, std::string_view op, std::int64_t axis, std::int64_t block_size) {
  const Shape &x = c.shape(0), &scale = c.shape(1);
  const auto n = scale.elements();
  if (c.has(2) && scale.is_static() && c.shape(2).is_static() && c.shape(2).elements() != n)
    return constraint(std::string(op) + "_c3",
                      "there are as many zero points as scales, not " + c.shape(2).to_string() + " for " + scale.to_string(),
                      Cause::inconsistent_quantization);
  if (block_size < 0) return constraint(std::string(op) + "_c3", "block_size is negative", Cause::invalid_attribute);
  if (!n || *n == 1 || !x.is_static()) return Done{};
  if (!normalize_axis(axis, x.rank()))
    return constraint(std::string(op) + "_c3", "axis " + std::to_string(axis) + " is outside of " + x.to_string(),
                      Cause::invalid_attribute);
  const ScaleIndex index(x, axis, block_size, *n);
  const std::int64_t elements = x.elements().value_or(0);
  const std::int64_t wanted = elements == 0 ? *n : static_cast<std::int64_t>(index(elements - 1)) + 1;
  if (*n != wanted)
    return constraint(std::string(op) + "_c3", "there are " + std::to_string(*n) + " scales for " + std::to_string(wanted),
                      Cause::inconsistent_quantization);
  return Done{};
}

/// Any number of a tensor as a float.
inline float real_at(const View& v, std::int64_t i) noexcept {
  const DType d = v.type->storage();
  return is_float(d) ? float_at(v.data, d, i) : static_cast<float>(integer_at(v.data, d, i));
}

}  // namespace qgraph
