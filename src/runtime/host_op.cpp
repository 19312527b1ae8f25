// Ops that a host brings: its std::function behind the interface of kernels.
#include "runtime/host_op.hpp"

#include <new>

namespace qgraph::runtime {

std::size_t host_op_scratch(std::size_t inputs, std::size_t outputs) noexcept {
  return inputs * sizeof(TensorView) + outputs * sizeof(MutableTensorView);
}

void run_host_op(const KernelArgs& args) noexcept {
  auto* inputs = reinterpret_cast<TensorView*>(args.scratch);
  for (std::size_t i = 0; i < args.inputs.size(); ++i)
    new (inputs + i) TensorView{args.inputs[i].type, {args.inputs[i].data, args.inputs[i].bytes}};
  auto* outputs = reinterpret_cast<MutableTensorView*>(args.scratch + args.inputs.size() * sizeof(TensorView));
  for (std::size_t i = 0; i < args.outputs.size(); ++i)
    new (outputs + i) MutableTensorView{args.outputs[i].type, {args.outputs[i].data, args.outputs[i].bytes}};
  const Status status = args.prepared_as<HostOp>().run({inputs, args.inputs.size()}, {outputs, args.outputs.size()});
  if (status) return;
  const auto& problems = status.error().diagnostics;
  args.control->fail(problems.empty() ? "the host's kernel failed" : problems[0].headline,
                     problems.empty() ? Cause::data_out_of_range : problems[0].cause);
}

}  // namespace qgraph::runtime
