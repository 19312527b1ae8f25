// batch_matmul of bytes, whose right side may be known only at run time: it is packed then.
#include "ops/batch_matmul.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/gemm_s8/gemm_s8.hpp"
#include "runtime/fast/channel_constants.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t vector = 16;  ///< columns
constexpr std::int64_t products_worth_splitting = 1 << 18;

struct MatrixProduct {
  kernels::GemmS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
  int parts = 1;
  std::int64_t m = 0, n = 0, k = 0, x_matrices = 0, y_matrices = 0;
  std::vector<std::int64_t> x_matrix{}, y_matrix{};  ///< of each batch
  bool adj_x = false, adj_y = false, x_copied = false;
  std::uint8_t x_flip = 0, y_flip = 0;
  std::int32_t x_zero = 0, y_zero = 0;  ///< of unsigned x, of signed y
  ChannelConstants constants{};
  std::vector<std::int32_t> row_factor{};  ///< -y_zero for every column; empty where that is 0
  std::vector<std::int8_t> packed{};       ///< of y where it is constant
  std::vector<std::int32_t> bias{};
  std::size_t x_offset = 0, bias_offset = 0;  ///< in scratch, behind packed y

  std::int64_t quads() const noexcept { return (k + 3) / 4; }
  std::int64_t columns() const noexcept { return (n + vector - 1) / vector * vector; }
  std::int64_t matrix_bytes() const noexcept { return quads() * 4 * columns(); }
};

/// 16 columns as [quad][column][4], and their sums.
void pack_columns(const MatrixProduct& p, const std::uint8_t* y, std::int64_t first, std::int8_t* to,
                  std::int32_t* sums) noexcept {
  const std::int64_t count = std::min(vector, p.n - first);
  for (std::int64_t q = 0; q < p.quads(); ++q, to += 4 * vector) {
    const std::int64_t rows = std::min<std::int64_t>(4, p.k - 4 * q);
    if (rows < 4 || count < vector) std::memset(to, 0, 4 * vector);
    for (std::int64_t r = 0; r < rows; ++r) {
      const std::int64_t depth = 4 * q + r;
      const std::uint8_t* row = p.adj_y ? y + first * p.k + depth : y + depth * p.n + first;
      const std::int64_t step = p.adj_y ? p.k : 1;
      for (std::int64_t c = 0; c < count; ++c) {
        const auto value = static_cast<std::int8_t>(row[c * step] ^ p.y_flip);
        to[4 * c + r] = value;
        sums[c] += value;
      }
    }
  }
}

/// A sum of (x - x_zero) * (y - y_zero) begins with this. Sums wrap.
void pack_matrix(const MatrixProduct& p, const std::uint8_t* y, std::int8_t* to, std::int32_t* bias) noexcept {
  std::fill_n(bias, p.columns(), 0);
  for (std::int64_t first = 0; first < p.n; first += vector) {
    pack_columns(p, y, first, to + first * p.quads() * 4, bias + first);
    for (std::int64_t c = first; c < std::min(p.n, first + vector); ++c) {
      const std::uint32_t taken =
          static_cast<std::uint32_t>(bias[c]) - static_cast<std::uint32_t>(p.k) * static_cast<std::uint32_t>(p.y_zero);
      bias[c] = static_cast<std::int32_t>(0U - static_cast<std::uint32_t>(p.x_zero) * taken);
    }
  }
}

void copy_matrix(const MatrixProduct& p, const std::uint8_t* x, std::uint8_t* to) noexcept {
  if (!p.adj_x) {
    for (std::int64_t i = 0; i < p.m * p.k; ++i) to[i] = static_cast<std::uint8_t>(x[i] ^ p.x_flip);
    return;
  }
  for (std::int64_t m = 0; m < p.m; ++m)
    for (std::int64_t k = 0; k < p.k; ++k) to[m * p.k + k] = static_cast<std::uint8_t>(x[k * p.m + m] ^ p.x_flip);
}

void run(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<MatrixProduct>();
  const std::int8_t* y = p.packed.data();
  const std::int32_t* bias = p.bias.data();
  const std::uint8_t* x = args.in<std::uint8_t>(0);
  if (p.packed.empty()) {
    auto* to = reinterpret_cast<std::int8_t*>(args.scratch);
    auto* sums = reinterpret_cast<std::int32_t*>(args.scratch + p.bias_offset);
    split_work(p.threads, static_cast<int>(std::min<std::int64_t>(p.parts, p.y_matrices)),
               [&](int part, int parts, int) noexcept {
                 const Share mine = share(p.y_matrices, part, parts);
                 for (std::int64_t i = mine.begin; i < mine.end; ++i)
                   pack_matrix(p, args.in<std::uint8_t>(1) + i * p.k * p.n, to + i * p.matrix_bytes(), sums + i * p.columns());
               });
    y = to;
    bias = sums;
  }
  if (p.x_copied) {
    auto* copy = reinterpret_cast<std::uint8_t*>(args.scratch + p.x_offset);
    split_work(p.threads, static_cast<int>(std::min<std::int64_t>(p.parts, p.x_matrices)),
               [&](int part, int parts, int) noexcept {
                 const Share mine = share(p.x_matrices, part, parts);
                 for (std::int64_t i = mine.begin; i < mine.end; ++i) copy_matrix(p, x + i * p.m * p.k, copy + i * p.m * p.k);
               });
    x = copy;
  }
  constexpr std::ptrdiff_t run_offset = 0;
  split_work(p.threads, p.parts, [&](int part, int parts, int) noexcept {
    const Share mine = share(static_cast<std::int64_t>(p.x_matrix.size()) * p.m, part, parts);
    for (std::int64_t row = mine.begin; row < mine.end;) {
      const std::int64_t batch = row / p.m, first = row % p.m, count = std::min(p.m - first, mine.end - row);
      const std::int64_t from = p.x_matrix[static_cast<std::size_t>(batch)], with = p.y_matrix[static_cast<std::size_t>(batch)];
      const kernels::GemmS8 gemm{.input = x + (from * p.m + first) * p.k,
                                 .row_stride = p.k,
                                 .runs = &run_offset,
                                 .run_count = 1,
                                 .run_bytes = p.k,
                                 .run_quads = p.quads(),
                                 .weights = y + with * p.matrix_bytes(),
                                 .channels = p.n,
                                 .bias = bias + with * p.columns(),
                                 .row_factor = p.row_factor.empty() ? nullptr : p.row_factor.data(),
                                 .requantize = p.constants.from(0),
                                 .output = args.out<std::uint8_t>() + row * p.n,
                                 .output_stride = p.n};
      p.run(gemm, count, 0, p.columns() / vector);
      row += count;
    }
  });
}

bool byte_operand(const TensorType& type) {
  const Quantization* q = type.quantization();
  if (!q || (type.storage() != DType::int8 && type.storage() != DType::uint8) || q->zero_points.size() > 1) return false;
  const IntegerRange range = integer_range(type.storage());
  return type.zero_point() >= range.min && type.zero_point() <= range.max;
}

}  // namespace

bool fast_batch_matmul(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const auto& plan = *static_cast<const ops::BatchMatmulPlan*>(prepared.data.get());
  const View &x = context.inputs[0], &y = context.inputs[1];
  constexpr std::int64_t most = std::int64_t{1} << 31;
  if (plan.hybrid || !plan.zero_points_apply || !byte_operand(*x.type) || !byte_operand(*y.type)) return false;
  if (plan.m < 1 || plan.n < 1 || plan.k < 1 || x.elements() > most || y.elements() > most || context.outputs[0].elements() == 0)
    return false;
  auto made = std::make_shared<MatrixProduct>();
  MatrixProduct& p = *made;
  if (!p.constants.make(plan.output, [](std::int64_t column) { return column; })) return false;
  p.m = plan.m;
  p.n = plan.n;
  p.k = plan.k;
  p.x_matrix = plan.x_matrix;
  p.y_matrix = plan.y_matrix;
  p.x_matrices = x.elements() / (p.m * p.k);
  p.y_matrices = y.elements() / (p.k * p.n);
  p.adj_x = context.attributes<ops::BatchMatmul>().adj_x;
  p.adj_y = plan.adj_y;
  const bool x_signed = x.type->storage() == DType::int8, y_signed = y.type->storage() == DType::int8;
  p.x_flip = x_signed ? 0x80 : 0;
  p.y_flip = y_signed ? 0 : 0x80;
  p.x_copied = x_signed || p.adj_x;
  p.x_zero = static_cast<std::int32_t>(x.type->zero_point()) + (x_signed ? 128 : 0);
  p.y_zero = static_cast<std::int32_t>(y.type->zero_point()) - (y_signed ? 0 : 128);
  if (p.y_zero != 0) p.row_factor.assign(static_cast<std::size_t>((p.n + 63) / 64 * 64), -p.y_zero);
  const kernels::GemmS8Kernel& kernel = kernels::gemm_s8(candidate.execution.cpu);
  p.run = kernel.run;
  p.threads = candidate.execution.threads;
  p.parts = parts_of(p.threads, context.outputs[0].elements() / (products_worth_splitting / p.k + 1));

  std::size_t scratch = 0;
  const auto take = [&](std::int64_t bytes) {
    const std::size_t at = scratch;
    scratch += (static_cast<std::size_t>(bytes) + 127) / 64 * 64;  // some bytes behind are read
    return at;
  };
  const std::int64_t packed_bytes = p.y_matrices * p.matrix_bytes(), sums = p.y_matrices * p.columns();
  std::size_t kept = p.constants.bytes() + 4 * p.row_factor.size();
  if (context.constant(1)) {
    p.packed.resize(static_cast<std::size_t>(packed_bytes));
    p.bias.resize(static_cast<std::size_t>(sums));
    for (std::int64_t i = 0; i < p.y_matrices; ++i)
      pack_matrix(p, y.as<std::uint8_t>() + i * p.k * p.n, p.packed.data() + i * p.matrix_bytes(),
                  p.bias.data() + i * p.columns());
    kept += p.packed.size() + 4 * p.bias.size();
  } else {
    take(packed_bytes);
    p.bias_offset = take(4 * sums);
  }
  if (p.x_copied) p.x_offset = take(x.elements());
  prepared = {.run = run, .scratch_bytes = scratch, .prepared_bytes = kept, .kernel = "gemm_s8", .instructions = kernel.name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
