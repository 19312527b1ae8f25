// depth_to_space: channels become blocks of space.
#include "ops/support/block_space.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_block_space(c, "depth_to_space", false); }

}  // namespace

extern constexpr OpDef depth_to_space{
    .name = "depth_to_space",
    .help = "Moves channels into square blocks of the spatial dimensions.",
    .attributes = attribute_table<BlockSpace>(block_space_attributes),
    .infer = &infer,
    .reference = block_space_kernels<false>,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
