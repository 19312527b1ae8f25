// round_blocks: reals as 8-bit integers times a scale for each block of a row: what ONNX Runtime multiplies MatMulNBits' weights
// by.
#include <cmath>

#include "ops/op_def.hpp"

namespace qgraph::ops::microsoft {
namespace {

struct RoundBlocks {
  std::int64_t block_size = 32;
};
constexpr std::array attributes{attr<&RoundBlocks::block_size>("block_size", "elements of the last axis that share a scale")};

Result<Types> infer(const InferContext& c) {
  if (c.attributes<RoundBlocks>().block_size < 1)  // round_blocks_c1
    return constraint("round_blocks_c1", "the block_size is below 1", Cause::invalid_attribute);
  if (c.shape(0).ranked() && c.shape(0).rank() == 0)  // round_blocks_c2
    return constraint("round_blocks_c2", "a scalar has no rows");
  return Types{c.input(0)};
}

void run(const KernelArgs& args) noexcept {
  constexpr float most = 127.0F;
  const View& x = args.inputs[0];
  const std::int64_t row = x.dim(x.rank() - 1), block = args.attributes<RoundBlocks>().block_size, count = x.elements();
  const float* in = args.in<float>(0);
  float* out = args.out<float>();
  for (std::int64_t first = 0; row > 0 && first < count; first += row)
    for (std::int64_t from = 0; from < row;) {
      const std::int64_t to = row - from > block ? from + block : row;
      float largest = 0.0F;
      for (std::int64_t i = from; i < to; ++i) largest = std::max(largest, std::abs(in[first + i]));
      const float scale = largest / most, inverse = largest > 0.0F ? most / largest : 0.0F;
      for (std::int64_t i = from; i < to; ++i) out[first + i] = std::nearbyint(in[first + i] * inverse) * scale;
      from = to;
    }
}

constexpr std::array kernels{kernel(DType::float32, run)};
}  // namespace

extern constexpr OpDef round_blocks{
    .name = "microsoft.round_blocks",
    .help = "Each block of a row rounded to 8-bit integers times the block's scale, its largest magnitude over 127.",
    .attributes = attribute_table<RoundBlocks>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::microsoft
