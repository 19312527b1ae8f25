// What quantized comparisons prepare.
#include "ops/support/comparison.hpp"

namespace qgraph {

Prepared prepare_rescaled_comparison(PrepareContext& c) {
  if (const Status s = check_scales(c, 2, false); !s) return s.error();
  const TensorType &x = *c.inputs[0].type, &y = *c.inputs[1].type;
  QuantizedComparison p{.loops = broadcast_of(c)};
  p.zero_x = static_cast<std::int32_t>(x.zero_point());
  p.zero_y = static_cast<std::int32_t>(y.zero_point());
  p.scale_x = static_cast<double>(x.scale());
  p.scale_y = static_cast<double>(y.scale());
  p.x = quantize_multiplier(p.scale_x);
  p.y = quantize_multiplier(p.scale_y);
  return prepared(c, std::move(p));
}

Prepared prepare_ordered_comparison(PrepareContext& c) {
  if (const Status s = check_scales(c, 2, false); !s) return s.error();
  const TensorType &x = *c.inputs[0].type, &y = *c.inputs[1].type;
  QuantizedComparison p{.loops = broadcast_of(c)};
  const bool same = x.scale() == y.scale() && x.zero_point() == y.zero_point();
  p.path = same ? QuantizedComparison::Path::stored : QuantizedComparison::Path::real;
  p.zero_x = static_cast<std::int32_t>(x.zero_point());
  p.zero_y = static_cast<std::int32_t>(y.zero_point());
  p.scale_x = static_cast<double>(x.scale());
  p.scale_y = static_cast<double>(y.scale());
  return prepared(c, std::move(p));
}

}  // namespace qgraph
