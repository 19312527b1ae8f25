// What the rest of a file tells about the zero point of a quantization.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "source/edits.hpp"
#include "source/uses.hpp"

namespace qgraph::diagnose {

struct RightZeroPoint {
  std::int64_t zero_point = 0;
  std::string id{}, because{};  ///< of the fix; "every SOFTMAX has it"
};
/// Nothing where nothing tells. `found`: the one that is there and cannot be right; it may be the other signedness's.
std::optional<RightZeroPoint> right_zero_point(const source::Model& model, const source::Uses& uses,
                                               const source::QuantizationSite& site, DType dtype, std::optional<double> found);

/// Stores a zero point that is a tensor in another dtype. Where it also belongs to constant integers of the dtype that it has,
/// the others get one of their own.
std::vector<source::Edit> retype_zero_point(const source::Model& model, const source::Uses& uses, source::TensorRef zero,
                                            DType dtype, Buffer bytes);

}  // namespace qgraph::diagnose
