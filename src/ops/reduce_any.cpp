// reduce_any: whether any element is true, over axes.
#include "ops/support/reduce.hpp"

namespace qgraph::ops {
namespace {

// reduce_any_c1: axes are int32 or int64 and inside the input's rank; c2: at most 16 axes.
Result<Types> infer(const InferContext& c) { return infer_reduce(c, "reduce_any"); }

void run(const KernelArgs& args) noexcept {
  reduce_plain<std::uint8_t>(args, 0,
                             [](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>((a != 0) || (b != 0)); });
}

constexpr std::array kernels{kernel(DType::boolean, run)};

}  // namespace

extern constexpr OpDef reduce_any{.name = "reduce_any",
                                  .help = "Whether any element is true over axes. TensorFlow Lite's REDUCE_ANY.",
                                  .inputs = "input axes?",
                                  .exactness = Exactness::bit_exact,
                                  .attributes = attribute_table<Reduce>(reduce_attributes),
                                  .infer = &infer,
                                  .reference = kernels};

}  // namespace qgraph::ops
