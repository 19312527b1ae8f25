// call: runs a graph. TensorFlow Lite's STABLEHLO_COMPOSITE runs its decomposition so; ONNX's functions too.
#include "ops/support/bodies.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const Types* made = body_types(c, 0);
  if (!made) return Types(c.declared_outputs.begin(), c.declared_outputs.end());
  Types types;
  for (std::size_t i = 0; i < made->size(); ++i) types.push_back(c.output(i, (*made)[i].element, (*made)[i].shape));
  return types;
}

void run(const KernelArgs& args) noexcept {
  const std::span<View> results = body_results(args);
  if (args.control->call(0, args.inputs, results)) copy_to_outputs(args, results);
}

constexpr std::array kernels{kernel(DType::unknown, run, prepare_bodies)};

}  // namespace

extern constexpr OpDef call{
    .name = "call",
    .help = "Runs its graph on the operands.",
    .inputs = "inputs*",
    .outputs = "outputs*",
    .infer = infer,
    .reference = kernels,
    .bodies = 1,
    .stateful = true,
};

}  // namespace qgraph::ops
