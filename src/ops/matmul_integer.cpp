// matmul_integer: matrix products of plain integers, zero points being operands.
#include "ops/op_def.hpp"
#include "ops/support/scratch.hpp"
#include "ops/support/unpack_sub_byte.hpp"

namespace qgraph::ops {
namespace {

std::int64_t back(const Shape& s, std::size_t from_end) { return s[s.rank() - from_end]; }

/// c4: one zero point, or one per row of x, per column of y.
bool fits(const InferContext& c, std::size_t operand, std::int64_t many) {
  if (!c.has(operand)) return true;
  const auto n = c.shape(operand).elements();
  return !n || *n == 1 || many < 0 || *n == many;
}

// matmul_integer_c1: operands of rank 2 or more; c2: depths agree; c3: leading dimensions broadcast; c4: zero points.
Result<Types> infer(const InferContext& c) {
  const Shape &x = c.shape(0), &y = c.shape(1);
  for (std::size_t i : {std::size_t{0}, std::size_t{1}})
    if (const DType d = c.input(i).dtype(); d != DType::int8 && d != DType::uint8)
      return constraint("matmul_integer_c5", "operands are int8 or uint8, not " + std::string(name(d)), Cause::unsupported_dtype);
  if ((x.ranked() && x.rank() < 2) || (y.ranked() && y.rank() < 2))
    return constraint("matmul_integer_c1", "operands must have rank 2 or more");
  if (!x.ranked() || !y.ranked()) return Types{TensorType(DType::int32, Shape::unknown_rank())};
  if (back(x, 1) >= 0 && back(y, 2) >= 0 && back(x, 1) != back(y, 2))
    return constraint("matmul_integer_c2",
                      "depths differ: x has " + std::to_string(back(x, 1)) + ", y has " + std::to_string(back(y, 2)));
  auto shape = broadcast(Shape(x.dims().first(x.rank() - 2)), Shape(y.dims().first(y.rank() - 2)));
  if (!shape)
    return constraint("matmul_integer_c3",
                      "leading dimensions of " + x.to_string() + " and " + y.to_string() + " do not broadcast");
  if (!fits(c, 2, back(x, 2)) || !fits(c, 3, back(y, 1)))
    return constraint("matmul_integer_c4", "zero points are one, or one per row of x and per column of y",
                      Cause::inconsistent_quantization);
  shape->mutable_dims().push_back(back(x, 2));
  shape->mutable_dims().push_back(back(y, 1));
  return Types{TensorType(DType::int32, std::move(*shape))};
}

struct Plan {
  std::vector<std::int64_t> x_matrix{}, y_matrix{};  ///< of each matrix of the output: which of x and of y
  std::int64_t m = 0, n = 0, k = 0;
  ScratchPiece unpacked{}, y_zeros{};
};

std::vector<std::int64_t> matrices(const Shape& operand, const Shape& output) {
  const std::size_t leading = output.rank() - 2, own = operand.rank() - 2;
  std::int64_t count = 1;
  for (std::size_t i = 0; i < leading; ++i) count *= output[i];
  std::vector<std::int64_t> of(static_cast<std::size_t>(count));
  for (std::size_t b = 0; b < of.size(); ++b) {
    std::int64_t rest = static_cast<std::int64_t>(b), step = 1;
    for (std::size_t i = leading; i-- > 0; rest /= output[i]) {
      if (i + own < leading) continue;
      const std::int64_t dim = operand[i + own - leading];
      if (dim != 1) of[b] += rest % output[i] * step;
      step *= dim;
    }
  }
  return of;
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const Shape &x = c.inputs[0].shape(), &y = c.inputs[1].shape(), &out = c.outputs[0].shape();
  auto plan = std::make_shared<Plan>();
  plan->m = back(x, 2);
  plan->k = back(x, 1);
  plan->n = back(y, 1);
  plan->x_matrix = matrices(x, out);
  plan->y_matrix = matrices(y, out);
  Scratch scratch;
  plan->unpacked = scratch.take<std::int16_t>(plan->k * plan->n);
  plan->y_zeros = scratch.take<std::int16_t>(plan->n);
  if (scratch.too_large()) return constraint("matmul_integer_c6", "the operands are too large", Cause::resource_limit);
  c.scratch_bytes = scratch.bytes();
  return std::shared_ptr<const void>(std::move(plan));
}

std::int32_t zero_of(const KernelArgs& args, std::size_t operand, std::int64_t i) noexcept {
  if (!args.has(operand)) return 0;
  const View& v = args.inputs[operand];
  return static_cast<std::int32_t>(integer_at(v.data, v.type->storage(), v.elements() == 1 ? 0 : i));
}

/// Sums wrap at 32 bits, as everywhere.
template <class X, class Y>
void run(const KernelArgs& args) noexcept {
  const auto& plan = args.prepared_as<Plan>();
  const std::int64_t m = plan.m, n = plan.n, k = plan.k;
  auto* y = plan.unpacked.in<std::int16_t>(args.scratch);
  auto* zeros = plan.y_zeros.in<std::int16_t>(args.scratch);
  for (std::int64_t j = 0; j < n; ++j) zeros[j] = static_cast<std::int16_t>(zero_of(args, 3, j));
  std::int64_t have = -1;
  for (std::size_t b = 0; b < plan.x_matrix.size(); ++b) {
    if (plan.y_matrix[b] != have) {
      have = plan.y_matrix[b];
      const Y* from = args.in<Y>(1) + have * k * n;
      for (std::int64_t i = 0; i < k; ++i)
        for (std::int64_t j = 0; j < n; ++j) y[i * n + j] = static_cast<std::int16_t>(from[i * n + j] - zeros[j]);
    }
    for (std::int64_t row = 0; row < m; ++row) {
      const X* x = args.in<X>(0) + (plan.x_matrix[b] * m + row) * k;
      auto* out = reinterpret_cast<std::uint32_t*>(args.out<std::int32_t>()) + (static_cast<std::int64_t>(b) * m + row) * n;
      const std::int32_t zero = zero_of(args, 2, row);
      std::fill_n(out, n, 0U);
      for (std::int64_t i = 0; i < k; ++i) {
        const std::int32_t value = x[i] - zero;
        const std::int16_t* weights = y + i * n;
        for (std::int64_t j = 0; j < n; ++j) out[j] += static_cast<std::uint32_t>(value * weights[j]);
      }
    }
  }
}

constexpr std::array kernels{
    kernel(DType::uint8, DType::uint8, run<std::uint8_t, std::uint8_t>, prepare),
    kernel(DType::uint8, DType::int8, run<std::uint8_t, std::int8_t>, prepare),
    kernel(DType::int8, DType::uint8, run<std::int8_t, std::uint8_t>, prepare),
    kernel(DType::int8, DType::int8, run<std::int8_t, std::int8_t>, prepare),
};

}  // namespace

extern constexpr OpDef matmul_integer{
    .name = "matmul_integer",
    .help =
        "(x - x_zero_point) times (y - y_zero_point) over the last two dimensions, the others broadcast; int32. The zero points "
        "may be computed at run time: one, or one per row of x and per column of y. ONNX's MatMulInteger.",
    .inputs = "x y x_zero_point? y_zero_point?",
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
