// reduce_max: the maximum over axes.
#include "ops/support/extremes.hpp"

namespace qgraph::ops {
namespace {

// reduce_max_c1: axes are int32 or int64 and inside the input's rank; c2: at most 16 axes.
Result<Types> infer(const InferContext& c) { return infer_reduce(c, "reduce_max"); }

}  // namespace

extern constexpr OpDef reduce_max{.name = "reduce_max",
                                  .help = "The maximum over axes. TensorFlow Lite's REDUCE_MAX, ONNX's ReduceMax.",
                                  .inputs = "input axes?",
                                  .exactness = Exactness::bit_exact,
                                  .attributes = attribute_table<ReducedExtreme>(reduced_extreme_attributes),
                                  .infer = &infer,
                                  .reference = reduced_extreme_kernels<std::greater<>>};

}  // namespace qgraph::ops
