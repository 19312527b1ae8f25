// Float batch_matmul, summed in the order of ONNX Runtime.
#include <algorithm>
#include <limits>

#include "kernels/gemm_f32/gemm_f32.hpp"
#include "ops/batch_matmul.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t products_worth_splitting = 1 << 17;
constexpr std::int64_t most_rows = 48;  ///< of a part

struct FloatMatmul {
  kernels::GemmF32Fn run = nullptr;
  ThreadPool* threads = nullptr;
  std::shared_ptr<const void> reference{};  ///< owns the plan
  const ops::BatchMatmulPlan* plan = nullptr;
  bool as_stored = false;  ///< y is [depth][column] already
  int parts = 1;
};

void run(const KernelArgs& args) noexcept {
  const auto& f = args.prepared_as<FloatMatmul>();
  const ops::BatchMatmulPlan& plan = *f.plan;
  const std::byte* y = plan.y.empty() ? args.inputs[1].data : plan.y.data();
  if (plan.y.empty() && !f.as_stored) {
    auto* packed = plan.packed.in<std::byte>(args.scratch);
    plan.pack(plan, args.inputs[1], packed);
    y = packed;
  }
  const std::int64_t strips = (plan.m + most_rows - 1) / most_rows;
  split_work(f.threads, f.parts, [&](int part, int parts, int) noexcept {
    const Share mine = share(plan.batches * strips, part, parts);
    for (std::int64_t i = mine.begin; i < mine.end; ++i) {
      const std::int64_t b = i / strips, first = i % strips * most_rows;
      const auto at = static_cast<std::size_t>(b);
      constexpr float infinity = std::numeric_limits<float>::infinity();
      f.run({.rows = std::min(most_rows, plan.m - first),
             .columns = plan.n,
             .depth = plan.k,
             .a = args.in<float>(0) + plan.x_matrix[at] * plan.m * plan.k + first * plan.x_row,
             .a_row = plan.x_row,
             .a_depth = plan.x_depth,
             .b = reinterpret_cast<const float*>(y) + plan.y_matrix[at] * plan.k * plan.n,
             .b_depth = plan.n,
             .out = args.out<float>() + (b * plan.m + first) * plan.n,
             .out_row = plan.n,
             .block = plan.sum_blocks.length,
             .fours = plan.sum_blocks.fours,
             .low = -infinity,
             .high = infinity});
    }
  });
}

}  // namespace

bool fast_float_matmul(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const kernels::GemmF32Kernel* kernel = kernels::gemm_f32(candidate.execution.cpu);
  const auto& plan = *static_cast<const ops::BatchMatmulPlan*>(prepared.data.get());
  const bool floats = context.inputs[0].type->dtype() == DType::float32 && !plan.hybrid;
  if (!kernel || !floats || plan.summation == Summation::separate || plan.sum_blocks.length <= 0) return false;
  if (plan.k <= 0 || context.outputs[0].elements() == 0) return false;
  auto made =
      std::make_shared<FloatMatmul>(FloatMatmul{.run = kernel->run,
                                                .threads = candidate.execution.threads,
                                                .reference = prepared.data,
                                                .plan = &plan,
                                                .as_stored = !plan.adj_y && context.inputs[1].type->dtype() == DType::float32});
  made->parts = parts_of(made->threads, context.outputs[0].elements() / (products_worth_splitting / plan.k + 1));
  prepared.run = run;
  prepared.kernel = "gemm_f32";
  prepared.instructions = kernel->name;
  if (made->as_stored || !plan.y.empty()) prepared.scratch_bytes = 0;
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
