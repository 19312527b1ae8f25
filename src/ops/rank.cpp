// rank: the number of a tensor's dimensions, as an int32 scalar.
#include "ops/op_def.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext&) { return Types{{DType::int32, Shape{}}}; }
void run(const KernelArgs& args) noexcept { *args.out<std::int32_t>() = static_cast<std::int32_t>(args.inputs[0].rank()); }
constexpr std::array kernels{kernel(DType::unknown, run)};

}  // namespace

extern constexpr OpDef rank{
    .name = "rank",
    .help = "The number of dimensions of a tensor.",
    .infer = &infer,
    .reference = kernels,
    .reads_shapes_only = true,
};

}  // namespace qgraph::ops
