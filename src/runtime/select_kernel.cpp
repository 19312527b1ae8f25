// Which kernel runs a node, and what it prepares.
#include "runtime/select_kernel.hpp"

#include <spdlog/fmt/fmt.h>

#include "runtime/errors.hpp"
#include "runtime/host_op.hpp"

namespace qgraph::runtime {
namespace {

DType dtype_of(std::span<const TensorType* const> inputs, int operand) {
  const auto i = static_cast<std::size_t>(operand);
  return operand >= 0 && i < inputs.size() && inputs[i] ? inputs[i]->dtype() : DType::unknown;
}

std::string row_name(const KernelDef& row) {
  const auto word = [](DType dtype) { return dtype == DType::unknown ? std::string_view("any") : name(dtype); };
  return row.secondary == DType::unknown ? std::string(word(row.primary))
                                         : fmt::format("{} x {}", word(row.primary), word(row.secondary));
}

}  // namespace

Result<KernelDef> select_kernel(const Node& node, std::span<const TensorType* const> inputs) {
  if (node.host) return kernel(DType::unknown, &run_host_op);
  if (!node.op) return failure(code::no_kernel, Cause::unknown_op, "a node without an op");
  const OpDef& op = *node.op;
  const DType primary = dtype_of(inputs, op.primary), secondary = dtype_of(inputs, op.secondary);
  for (const KernelDef& row : op.reference)
    if ((row.primary == DType::unknown || row.primary == primary) &&
        (row.secondary == DType::unknown || row.secondary == secondary))
      return row;
  std::string found(primary == DType::unknown ? "no operand" : name(primary));
  if (secondary != DType::unknown) found += fmt::format(" x {}", name(secondary));
  Report report = failure(code::no_kernel, Cause::unsupported_dtype, fmt::format("'{}' has no kernel for {}", op.name, found));
  report.diagnostics[0].found = found;
  for (const KernelDef& row : op.reference) {
    std::string& expected = report.diagnostics[0].expected;
    expected += (expected.empty() ? "" : ", ") + row_name(row);
  }
  return report;
}

Result<Prepared> prepare_kernel(const Node& node, const KernelDef& kernel, std::span<const View> inputs,
                                std::span<const View> outputs, const Execution& execution) {
  Prepared prepared{.run = kernel.run};
  if (node.host) {
    prepared.scratch_bytes = host_op_scratch(inputs.size(), outputs.size());
    prepared.data = node.host;
    return prepared;
  }
  PrepareContext context{.inputs = inputs, .outputs = outputs, .attribute_struct = node.attributes.get()};
  if (kernel.prepare) {
    auto data = kernel.prepare(context);
    if (!data) return std::move(data).error();
    prepared.data = *std::move(data);
    prepared.scratch_bytes = context.scratch_bytes;
    prepared.prepared_bytes = context.prepared_bytes;
  }
  if (execution.fast && node.op)
    for (const FastKernel& fast : fast_kernels())
      if (fast.op == node.op->name && fast.take_over({kernel, context, execution}, prepared)) break;
  return prepared;
}

}  // namespace qgraph::runtime
