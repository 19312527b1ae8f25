// Recurrent ops of int8 weights: the reference kernel with another function for the products of rows.
#include "ops/support/dot_rows.hpp"

#include "kernels/dot_s8/dot_s8.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {

bool fast_dot_rows(const Candidate& candidate, Prepared& prepared) {
  const kernels::DotS8Kernel* kernel = kernels::dot_s8(candidate.execution.cpu);
  const std::span<const View> in = candidate.context.inputs;
  const DType input = in[0].type->dtype(), weights = candidate.reference.secondary;
  // What these prepare begins with a DotPlan; float weights leave it alone.
  const bool floats =
      input == DType::float32 && (weights == DType::float32 || (weights == DType::unknown && !in[1].type->quantized()));
  if (!kernel || !prepared.data || floats || (input != DType::float32 && input != DType::qint8)) return false;
  prepared.own<DotPlan>().dot = kernel->run;
  prepared.run = candidate.reference.run;
  prepared.kernel = "dot_s8";
  prepared.instructions = kernel->name;
  return true;
}

}  // namespace qgraph::runtime
