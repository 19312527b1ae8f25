// batch_matmul of floats in the order of TensorFlow Lite. A right side that is not constant is packed at run time.
#include <algorithm>
#include <limits>

#include "kernels/rows_f32/rows_f32.hpp"
#include "ops/batch_matmul.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/memory.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t vector = 16;  ///< columns
constexpr std::int64_t products_worth_splitting = 1 << 16;
/// Packing y goes over each of its elements once; with fewer rows than this it costs as much as the products.
constexpr std::int64_t fewest_rows = 4;

struct FloatMatrixProduct {
  kernels::RowsF32Fn run = nullptr;
  ThreadPool* threads = nullptr;
  int parts = 1;
  std::int64_t m = 0, n = 0, k = 0, x_matrices = 0, y_matrices = 0;
  std::vector<std::int64_t> x_matrix{}, y_matrix{};  ///< of each batch
  bool adj_x = false, adj_y = false;
  Memory packed{};             ///< of y where it is constant
  std::vector<float> zeros{};  ///< biases
  std::size_t x_offset = 0;    ///< of transposed x in scratch, behind packed y

  std::int64_t vectors() const noexcept { return (n + vector - 1) / vector; }
  std::int64_t matrix_floats() const noexcept { return vectors() * vector * k; }
};

/// Matrices [begin, end) of y as [vector][depth][16].
void pack(const FloatMatrixProduct& p, const float* y, float* to, Share matrices) noexcept {
  to += matrices.begin * p.matrix_floats();
  for (std::int64_t i = matrices.begin; i < matrices.end; ++i) {
    const float* from = y + i * p.k * p.n;
    for (std::int64_t first = 0; first < p.n; first += vector) {
      const std::int64_t count = std::min(vector, p.n - first);
      for (std::int64_t k = 0; k < p.k; ++k, to += vector) {
        for (std::int64_t c = 0; c < count; ++c) to[c] = p.adj_y ? from[(first + c) * p.k + k] : from[k * p.n + first + c];
        for (std::int64_t c = count; c < vector; ++c) to[c] = 0.0F;
      }
    }
  }
}

void transpose(const FloatMatrixProduct& p, const float* x, float* to, Share matrices) noexcept {
  for (std::int64_t i = matrices.begin; i < matrices.end; ++i)
    for (std::int64_t m = 0; m < p.m; ++m)
      for (std::int64_t k = 0; k < p.k; ++k) to[(i * p.m + m) * p.k + k] = x[(i * p.k + k) * p.m + m];
}

void run(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<FloatMatrixProduct>();
  const float *x = args.in<float>(0), *y = reinterpret_cast<const float*>(p.packed.data());
  if (!y) {
    auto* to = reinterpret_cast<float*>(args.scratch);
    split_work(p.threads, static_cast<int>(std::min<std::int64_t>(p.parts, p.y_matrices)),
               [&](int part, int parts, int) noexcept { pack(p, args.in<float>(1), to, share(p.y_matrices, part, parts)); });
    y = to;
  }
  if (p.adj_x) {
    auto* to = reinterpret_cast<float*>(args.scratch + p.x_offset);
    split_work(p.threads, static_cast<int>(std::min<std::int64_t>(p.parts, p.x_matrices)),
               [&](int part, int parts, int) noexcept { transpose(p, x, to, share(p.x_matrices, part, parts)); });
    x = to;
  }
  constexpr std::ptrdiff_t run_offset = 0;
  constexpr float infinite = std::numeric_limits<float>::infinity();
  split_work(p.threads, p.parts, [&](int part, int parts, int) noexcept {
    const Share mine = share(static_cast<std::int64_t>(p.x_matrix.size()) * p.m, part, parts);
    for (std::int64_t row = mine.begin; row < mine.end;) {
      const std::int64_t batch = row / p.m, first = row % p.m, count = std::min(p.m - first, mine.end - row);
      const std::int64_t from = p.x_matrix[static_cast<std::size_t>(batch)], with = p.y_matrix[static_cast<std::size_t>(batch)];
      const kernels::RowsF32 rows{.input = x + (from * p.m + first) * p.k,
                                  .row_stride = p.k,
                                  .runs = &run_offset,
                                  .run_count = 1,
                                  .run_length = p.k,
                                  .weights = y + with * p.matrix_floats(),
                                  .bias = p.zeros.data(),
                                  .low = -infinite,
                                  .high = infinite,
                                  .channels = p.n,
                                  .output = args.out<float>() + row * p.n,
                                  .output_stride = p.n};
      p.run(rows, count, 0, p.vectors());
      row += count;
    }
  });
}

}  // namespace

bool fast_float_batch_matmul(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const kernels::RowsF32Kernel* kernel = kernels::rows_f32(candidate.execution.cpu);
  const auto& plan = *static_cast<const ops::BatchMatmulPlan*>(prepared.data.get());
  const View &x = context.inputs[0], &y = context.inputs[1];
  constexpr std::int64_t most = std::int64_t{1} << 30;
  if (!kernel || x.type->dtype() != DType::float32 || y.type->dtype() != DType::float32) return false;
  if (plan.summation != Summation::separate || plan.m < 1 || plan.n < 1 || plan.k < 1 || context.outputs[0].elements() == 0)
    return false;
  if (x.elements() > most || y.elements() > most || (!context.constant(1) && plan.m < fewest_rows)) return false;
  auto made = std::make_shared<FloatMatrixProduct>();
  FloatMatrixProduct& p = *made;
  p.m = plan.m;
  p.n = plan.n;
  p.k = plan.k;
  p.x_matrix = plan.x_matrix;
  p.y_matrix = plan.y_matrix;
  p.x_matrices = x.elements() / (p.m * p.k);
  p.y_matrices = y.elements() / (p.k * p.n);
  p.adj_x = context.attributes<ops::BatchMatmul>().adj_x;
  p.adj_y = plan.adj_y;
  p.zeros.assign(static_cast<std::size_t>(p.vectors() * vector), 0.0F);
  p.run = kernel->run;
  p.threads = candidate.execution.threads;
  p.parts = parts_of(p.threads, context.outputs[0].elements() / (products_worth_splitting / p.k + 1));
  const std::size_t packed_bytes = static_cast<std::size_t>(p.y_matrices * p.matrix_floats()) * sizeof(float);
  if (context.constant(1)) {
    if (!p.packed.reserve(packed_bytes)) return false;
    pack(p, y.as<float>(), reinterpret_cast<float*>(p.packed.data()), {0, p.y_matrices});
  } else {
    p.x_offset = (packed_bytes + 63) / 64 * 64;
  }
  prepared = {.run = run,
              .scratch_bytes = p.x_offset + (p.adj_x ? static_cast<std::size_t>(x.elements()) * sizeof(float) : 0),
              .prepared_bytes = p.packed.size() + p.zeros.size() * sizeof(float),
              .kernel = "rows_f32",
              .instructions = kernel->name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
