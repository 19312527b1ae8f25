// batch_matmul: TFLite's BATCH_MATMUL, ONNX's MatMul, QLinearMatMul and MatMulInteger.
#include "ops/batch_matmul.hpp"

#include <tuple>

#include "ops/op_def.hpp"
#include "ops/support/conv_geometry.hpp"
#include "ops/support/dequantize_values.hpp"

namespace qgraph::ops {
namespace {

constexpr std::array rows{
    attr<&BatchMatmul::adj_x>("adj_x", "x is transposed: [..., depth, rows]"),
    attr<&BatchMatmul::adj_y>("adj_y", "y is transposed: [..., columns, depth]"),
    attr<&BatchMatmul::rounding>("rounding", "how sums become stored integers"),
    attr<&BatchMatmul::dynamic_range>("dynamic_range",
                                      "rows of float x are quantized on the fly to meet integer y; else y is dequantized"),
    attr<&BatchMatmul::asymmetric_inputs>("asymmetric_inputs", "that quantization has a zero point"),
    attr<&BatchMatmul::summation>("summation", summation_doc),
};

/// Positions of the two matrix dimensions among the last two.
std::int64_t dim_back(const Shape& s, std::size_t from_end) { return s[s.rank() - from_end]; }

Result<ElementType> output_element(const InferContext& c, const BatchMatmul& a, std::int64_t columns) {
  const TensorType &x = c.input(0), &y = c.input(1);
  const bool float_x = is_float(x.storage());
  if (float_x && !y.quantized() && y.storage() != x.storage())  // batch_matmul_c4
    return constraint("batch_matmul_c4", "float x beside " + std::string(name(y.dtype())) + " y", Cause::missing_quantization);
  if (!float_x && is_float(y.storage()))
    return constraint("batch_matmul_c4", std::string(name(x.dtype())) + " x beside float y", Cause::missing_conversion);
  const Quantization* q = y.quantization();
  if (q && q->scales.size() > 1 && y.shape.ranked() && (!float_x || a.dynamic_range)) {  // batch_matmul_c5
    const auto axis = normalize_axis(q->axis, y.shape.rank());
    if (!axis || *axis != y.shape.rank() - (a.adj_y ? 2 : 1) ||
        (columns >= 0 && static_cast<std::int64_t>(q->scales.size()) != columns))
      return constraint("batch_matmul_c5", "y has scales along another axis than its columns", Cause::invalid_quantization);
  }
  if (float_x) return c.declared_element(0, Plain{x.storage()});
  const TensorType declared = c.declared();
  if (x.quantized() && y.quantized()) {
    if (declared.quantized() && is_integer(declared.storage())) return declared.element;
    if (declared.dtype() == DType::int32) return ElementType(Plain{DType::int32});
    return c.declared_element(0, Quantized(x.storage(), Quantization{}));
  }
  return ElementType(Plain{bits(x.storage()) > 32 ? x.storage() : DType::int32});
}

Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<BatchMatmul>();
  const Shape &x = c.shape(0), &y = c.shape(1);
  if ((x.ranked() && x.rank() < 2) || (y.ranked() && y.rank() < 2))  // batch_matmul_c1
    return constraint("batch_matmul_c1", "operands must have rank 2 or more");
  Shape shape = Shape::unknown_rank();
  const std::int64_t columns = y.ranked() ? dim_back(y, a.adj_y ? 2 : 1) : -1;
  if (x.ranked() && y.ranked()) {
    const std::int64_t depth_x = dim_back(x, a.adj_x ? 2 : 1), depth_y = dim_back(y, a.adj_y ? 1 : 2);
    if (depth_x >= 0 && depth_y >= 0 && depth_x != depth_y)  // batch_matmul_c2
      return constraint("batch_matmul_c2",
                        "depths differ: x has " + std::to_string(depth_x) + ", y has " + std::to_string(depth_y));
    const auto batches = broadcast(Shape(x.dims().first(x.rank() - 2)), Shape(y.dims().first(y.rank() - 2)));
    if (!batches)  // batch_matmul_c3
      return constraint("batch_matmul_c3",
                        "leading dimensions of " + x.to_string() + " and " + y.to_string() + " do not broadcast");
    shape = *batches;
    shape.mutable_dims().push_back(dim_back(x, a.adj_x ? 1 : 2));
    shape.mutable_dims().push_back(columns);
  }
  auto element = output_element(c, a, columns);
  if (!element) return std::move(element).error();
  return Types{{std::move(*element), std::move(shape)}};
}

using Plan = BatchMatmulPlan;

/// y as matrices [depth][column] of P, zero points (for floats, also scales) applied.
template <class P>
void pack(const Plan& plan, const View& y, void* to) noexcept {
  const TensorType& type = *y.type;
  const Quantization* q = plan.zero_points_apply ? type.quantization() : nullptr;
  const ScaleIndex scale(type);
  auto* out = static_cast<P*>(to);
  const std::int64_t matrices = plan.k * plan.n == 0 ? 0 : y.elements() / (plan.k * plan.n);
  for (std::int64_t b = 0; b < matrices; ++b)
    for (std::int64_t k = 0; k < plan.k; ++k)
      for (std::int64_t n = 0; n < plan.n; ++n) {
        const std::int64_t i = b * plan.k * plan.n + (plan.adj_y ? n * plan.k + k : k * plan.n + n);
        if constexpr (std::is_same_v<P, float>) {
          *out++ = q ? static_cast<float>(integer_at(y.data, type.storage(), i) - q->zero_point(scale(i))) * q->scales[scale(i)]
                     : load_as<float>(y.data, i);
        } else {
          *out++ = static_cast<P>(integer_at(y.data, type.storage(), i) -
                                  (q && !q->zero_points.empty() ? q->zero_point(scale(i)) : 0));
        }
      }
}

/// Row m of a matrix of x, zero point taken off; or, hybrid, quantized.
template <class P>
HybridScale load_row(const Plan& plan, const KernelArgs& args, std::int64_t matrix, std::int64_t m, P* to) noexcept {
  const View& x = args.inputs[0];
  const std::int64_t first = matrix * plan.m * plan.k + m * plan.x_row;
  if constexpr (std::is_same_v<P, float>) {
    for (std::int64_t k = 0; k < plan.k; ++k) to[k] = x.as<float>()[first + k * plan.x_depth];
  } else if (plan.hybrid) {
    auto* reals = plan.x_values.in<float>(args.scratch) + plan.k;
    auto* stored = plan.x_stored.in<std::int8_t>(args.scratch);
    for (std::int64_t k = 0; k < plan.k; ++k) reals[k] = x.as<float>()[first + k * plan.x_depth];
    const HybridScale scale = quantize_hybrid(reals, plan.k, plan.asymmetric, stored);
    std::copy_n(stored, plan.k, to);
    return scale;
  } else {
    const std::int64_t zero_point = plan.zero_points_apply ? x.type->zero_point() : 0;
    const DType storage = x.type->storage();
    for (std::int64_t k = 0; k < plan.k; ++k)
      to[k] = static_cast<P>(integer_at(x.data, storage, first + k * plan.x_depth) - zero_point);
  }
  return {};
}

/// One row of the product: the sums of all columns advance together, each in the order of depth.
template <class P, class Acc>
void row_times(const P* x, const P* y, std::int64_t depth, std::int64_t columns, Acc* sums) noexcept {
  std::fill_n(sums, columns, Acc{0});
  for (std::int64_t k = 0; k < depth; ++k) {
    const P value = x[k];
    const P* row = y + k * columns;
    if constexpr (std::is_same_v<P, float>) {
      for (std::int64_t n = 0; n < columns; ++n) sums[n] += value * row[n];
    } else {
      using Sum = std::make_unsigned_t<Acc>;
      for (std::int64_t n = 0; n < columns; ++n) {
        const Sum product = sizeof(P) == 2 ? static_cast<Sum>(std::int32_t{static_cast<std::int16_t>(value)} *
                                                              std::int32_t{static_cast<std::int16_t>(row[n])})
                                           : static_cast<Sum>(value) * static_cast<Sum>(row[n]);
        sums[n] = static_cast<Acc>(static_cast<Sum>(sums[n]) + product);
      }
    }
  }
}

template <class P, class Acc>
void multiply(const Plan& plan, const KernelArgs& args, const void* packed) noexcept {
  auto* x = plan.x_values.in<P>(args.scratch);
  auto* sums = plan.sums.in<Acc>(args.scratch);
  auto* column_sums = plan.column_sums.in<std::int32_t>(args.scratch);
  for (std::int64_t b = 0; b < plan.batches; ++b) {
    const P* y = static_cast<const P*>(packed) + plan.y_matrix[static_cast<std::size_t>(b)] * plan.k * plan.n;
    if constexpr (std::is_same_v<Acc, std::int32_t>) {
      if (plan.hybrid) {
        std::fill_n(column_sums, plan.n, 0);
        for (std::int64_t k = 0; k < plan.k; ++k)
          for (std::int64_t n = 0; n < plan.n; ++n) column_sums[n] += static_cast<std::int32_t>(y[k * plan.n + n]);
      }
    }
    for (std::int64_t m = 0; m < plan.m; ++m) {
      const HybridScale scale = load_row(plan, args, plan.x_matrix[static_cast<std::size_t>(b)], m, x);
      if constexpr (std::is_same_v<P, float>) {
        if (plan.summation != Summation::separate) {
          std::fill_n(sums, plan.n, 0.0F);
          sum_products(
              plan.sum_blocks, plan.k, plan.n, [x](std::int64_t k) { return x[k]; },
              [&](std::int64_t k) { return y + k * plan.n; }, sums, sums + plan.n);
        } else {
          row_times(x, y, plan.k, plan.n, sums);
        }
      } else {
        row_times(x, y, plan.k, plan.n, sums);
      }
      const std::int64_t first = (b * plan.m + m) * plan.n;
      if constexpr (std::is_same_v<Acc, float>) {
        std::copy_n(sums, plan.n, args.out<float>() + first);
      } else {
        if constexpr (std::is_same_v<Acc, std::int32_t>) {
          // TFLite takes the zero point off in float, also where it is 0: sums past 2^24 lose their last bits.
          if (plan.hybrid)
            for (std::int64_t n = 0; n < plan.n; ++n)
              sums[n] = static_cast<std::int32_t>(static_cast<float>(sums[n]) -
                                                  static_cast<float>(column_sums[n]) * static_cast<float>(scale.zero_point));
        }
        if (bits(args.outputs[0].type->storage()) == 64)
          std::copy_n(sums, plan.n, args.out<std::int64_t>() + first);
        else
          plan.output.write(sums, View{}, scale, args.outputs[0], first, 1, plan.row.in<std::int32_t>(args.scratch));
      }
    }
  }
}

/// For every matrix of the output, the matrix of this operand that it is made from.
std::vector<std::int64_t> matrices(const Shape& operand, const Shape& output) {
  const Shape leading(output.dims().first(output.rank() - 2));
  std::vector<std::int64_t> strides(leading.rank(), 0);
  std::int64_t step = 1;
  for (std::size_t i = operand.rank() - 2; i-- > 0;) {
    strides[i + leading.rank() - (operand.rank() - 2)] = operand[i] == 1 ? 0 : step;
    step *= operand[i];
  }
  std::vector<std::int64_t> result(static_cast<std::size_t>(leading.elements().value_or(0)));
  for (std::size_t b = 0; b < result.size(); ++b) {
    auto rest = static_cast<std::int64_t>(b);
    for (std::size_t i = leading.rank(); i-- > 0; rest /= leading[i]) result[b] += rest % leading[i] * strides[i];
  }
  return result;
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const auto& a = c.attributes<BatchMatmul>();
  const TensorType &x = *c.inputs[0].type, &y = *c.inputs[1].type, &output = *c.outputs[0].type;
  auto plan = std::make_shared<Plan>();
  const auto dim = [](const TensorType& t, std::size_t from_end) { return dim_back(t.shape, from_end); };
  plan->m = dim(x, a.adj_x ? 1 : 2);
  plan->k = dim(x, a.adj_x ? 2 : 1);
  plan->n = dim(y, a.adj_y ? 2 : 1);
  plan->x_row = a.adj_x ? 1 : plan->k;
  plan->x_depth = a.adj_x ? plan->m : 1;
  plan->adj_y = a.adj_y;
  plan->summation = a.summation;
  plan->sum_blocks = SumBlocks::of(a.summation, plan->m, plan->n, plan->k);
  plan->x_matrix = matrices(x.shape, output.shape);
  plan->y_matrix = matrices(y.shape, output.shape);
  plan->batches = static_cast<std::int64_t>(plan->x_matrix.size());
  const bool float_x = x.dtype() == DType::float32;
  plan->hybrid = float_x && y.quantized() && a.dynamic_range;
  plan->asymmetric = a.asymmetric_inputs;
  // TFLite's int8 x int8 -> int32 multiplies the stored integers as they are.
  plan->zero_points_apply = output.quantized() || float_x;
  if (float_x != (output.dtype() == DType::float32) || (float_x && !y.quantized() && y.storage() != DType::float32))
    return constraint("batch_matmul_c6",
                      std::string(name(x.dtype())) + " times " + std::string(name(y.dtype())) + " is not supported",
                      Cause::unsupported_dtype);
  if (const Quantization* q = y.quantization())
    if (static_cast<std::int64_t>(q->scales.size()) < scales_wanted(y) ||
        (q->zero_points.size() > 1 && q->zero_points.size() != q->scales.size()))
      return constraint("batch_matmul_c5", "y has fewer scales than its shape wants", Cause::invalid_quantization);

  const bool floats = float_x && !plan->hybrid;
  const int x_bits = plan->hybrid ? 8 : bits(x.storage()), y_bits = bits(y.storage());
  std::int64_t value_bytes = 0, sum_bytes = 8;
  const auto use = [&]<class P, class Acc>(P, Acc) {
    plan->multiply = multiply<P, Acc>;
    plan->pack = pack<P>;
    value_bytes = sizeof(P);
    sum_bytes = sizeof(Acc);
  };
  if (floats)
    use(float{}, float{});
  else if (x_bits <= 8 && y_bits <= 8)
    use(std::int16_t{}, std::int32_t{});
  else
    use(std::int64_t{}, std::int64_t{});
  if (!floats) {
    OutputWishes wishes{.rounding = a.rounding, .narrow = x_bits <= 8, .channels = plan->n};
    wishes.float_product = !y.quantized() || y.quantization()->per_tensor();
    auto stage = accumulator_output(x, y, output, wishes);
    if (!stage && bits(output.storage()) != 64) return std::move(stage).error();
    if (stage) plan->output = std::move(*stage);
  }
  Scratch scratch;
  const std::int64_t y_bytes = c.inputs[1].elements() * value_bytes;
  if (c.constant(1)) {
    plan->y.resize(static_cast<std::size_t>(y_bytes));
    plan->pack(*plan, c.inputs[1], plan->y.data());
  } else {
    plan->packed = scratch.take<std::byte>(y_bytes);
  }
  plan->x_values = scratch.take<std::int64_t>(2 * plan->k);
  plan->x_stored = scratch.take<std::int8_t>(plan->k);
  plan->sums = scratch.take<std::byte>(2 * plan->n * sum_bytes);
  plan->row = scratch.take<std::int32_t>(plan->n);
  plan->column_sums = scratch.take<std::int32_t>(plan->n);
  if (scratch.too_large()) return constraint("batch_matmul_c7", "the operands are too large", Cause::resource_limit);
  c.scratch_bytes = scratch.bytes();
  c.prepared_bytes = plan->y.size();
  return std::shared_ptr<const void>(std::move(plan));
}

void run(const KernelArgs& args) noexcept {
  const auto& plan = args.prepared_as<Plan>();
  if (args.outputs[0].elements() == 0) return;
  const std::byte* y = plan.y.data();
  if (plan.y.empty()) {
    auto* packed = plan.packed.in<std::byte>(args.scratch);
    plan.pack(plan, args.inputs[1], packed);
    y = packed;
  }
  plan.multiply(plan, args, y);
}

constexpr auto kernels = [] {
  constexpr DType quantized_y[] = {DType::qint8, DType::quint8, DType::qint4,  DType::quint4,
                                   DType::qint2, DType::qint16, DType::quint16};
  constexpr DType x[] = {DType::float32, DType::qint8, DType::quint8, DType::qint16, DType::quint16};
  constexpr DType plain[] = {DType::int8, DType::uint8};
  std::array<KernelDef, 3 + std::size(quantized_y) * std::size(x) + std::size(plain) * std::size(plain)> table{};
  std::size_t n = 0;
  table[n++] = kernel(DType::float32, DType::float32, run, prepare);
  table[n++] = kernel(DType::int32, DType::int32, run, prepare);
  table[n++] = kernel(DType::int64, DType::int64, run, prepare);
  for (DType left : x)
    for (DType right : quantized_y) table[n++] = kernel(left, right, run, prepare);
  for (DType left : plain)
    for (DType right : plain) table[n++] = kernel(left, right, run, prepare);
  return table;
}();

}  // namespace

extern constexpr OpDef batch_matmul{.name = "batch_matmul",
                                    .help =
                                        "Matrix products over the last two dimensions, the others broadcast, as TensorFlow "
                                        "Lite's BATCH_MATMUL and ONNX's MatMul.",
                                    .inputs = "x y",
                                    .exactness = Exactness::float_order,
                                    .attributes = attribute_table<BatchMatmul>(rows),
                                    .infer = &infer,
                                    .reference = kernels};

}  // namespace qgraph::ops
