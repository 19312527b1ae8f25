// What the rest of a file tells about the zero point of a quantization.
#pragma once

#include <optional>
#include <string>

#include "source/uses.hpp"

namespace qgraph::diagnose {

struct RightZeroPoint {
  std::int64_t zero_point = 0;
  std::string id{}, because{};  ///< of the fix; "every SOFTMAX has it"
};
/// Nothing where nothing tells. `found`: the one that is there and cannot be right; it may be the other signedness's.
std::optional<RightZeroPoint> right_zero_point(const source::Model& model, const source::Uses& uses,
                                               const source::QuantizationSite& site, DType dtype, std::optional<double> found);

}  // namespace qgraph::diagnose
