// call_once: TensorFlow Lite's CALL_ONCE. A graph that initialises state, in the first run of a Session only.
#include "ops/op_def.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  if (!c.body_outputs.empty() && !c.body_outputs[0].empty())
    return constraint("call_once_c1", "the graph that initialises has outputs, which nobody can take");
  return Types{};
}

void run(const KernelArgs& args) noexcept {
  if (args.control->first_time()) args.control->call(0, {}, {});
}

constexpr std::array kernels{kernel(DType::unknown, run)};

}  // namespace

extern constexpr OpDef call_once{
    .name = "call_once",
    .help = "Runs its graph, which has neither inputs nor outputs, the first time only: it initialises variables.",
    .inputs = "",
    .outputs = "",
    .infer = infer,
    .reference = kernels,
    .bodies = 1,
    .stateful = true,
};

}  // namespace qgraph::ops
