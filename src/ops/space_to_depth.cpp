// space_to_depth: blocks of space become channels.
#include "ops/support/block_space.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_block_space(c, "space_to_depth", true); }

}  // namespace

extern constexpr OpDef space_to_depth{
    .name = "space_to_depth",
    .help = "Moves square blocks of the spatial dimensions into channels.",
    .attributes = attribute_table<BlockSpace>(block_space_attributes),
    .infer = &infer,
    .reference = block_space_kernels<true>,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
