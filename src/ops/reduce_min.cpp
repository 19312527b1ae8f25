// reduce_min: the minimum over axes.
#include "ops/support/extremes.hpp"

namespace qgraph::ops {
namespace {

// reduce_min_c1: axes are int32 or int64 and inside the input's rank; c2: at most 16 axes.
Result<Types> infer(const InferContext& c) { return infer_reduce(c, "reduce_min"); }

}  // namespace

extern constexpr OpDef reduce_min{.name = "reduce_min",
                                  .help = "The minimum over axes. TensorFlow Lite's REDUCE_MIN, ONNX's ReduceMin.",
                                  .inputs = "input axes?",
                                  .exactness = Exactness::bit_exact,
                                  .attributes = attribute_table<ReducedExtreme>(reduced_extreme_attributes),
                                  .infer = &infer,
                                  .reference = reduced_extreme_kernels<std::less<>>};

}  // namespace qgraph::ops
