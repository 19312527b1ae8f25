// fused.average_pool: averages of dequantized values, quantized. In float, in the order of average_pool_2d's loops and mean's:
// the bits are theirs.
#include <cmath>

#include "runtime/passes/fused.hpp"

namespace qgraph::runtime::passes {
namespace {

PoolParameters parameters(const FusedAveragePool& a, const Shape& input) {
  PoolParameters p = a.pool.parameters();
  if (!a.global || !input.ranked() || input.rank() != 4) return p;
  const std::size_t height = p.layout == Layout::nhwc ? 1 : 2;
  p.filter = {1, input[height], input[height + 1]};
  return p;
}

Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<FusedAveragePool>();
  const Shape& in = c.shape(0);
  if (!in.ranked() || in.rank() != 4 || !c.declared().quantized())
    return constraint("fused_average_pool_c1", "an input of rank 4, and a quantized result");
  if (a.global) {
    const bool last = a.pool.layout == Layout::nhwc;
    return Types{TensorType(c.declared().element, last ? Shape{in[0], 1, 1, in[3]} : Shape{in[0], in[1], 1, 1})};
  }
  auto shape = pool_output_shape("fused.average_pool", parameters(a, in), in);
  if (!shape) return std::move(shape).error();
  return Types{TensorType(c.declared().element, *std::move(shape))};
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const auto& a = c.attributes<FusedAveragePool>();
  const TensorType &in = *c.inputs[0].type, &out = *c.outputs[0].type;
  const IntegerRange range = integer_range(out.storage());
  auto plan = std::make_shared<AveragePlan>(AveragePlan{.geometry = PoolGeometry(parameters(a, in.shape), in.shape, out.shape),
                                                        .count_include_pad = a.pool.count_include_pad,
                                                        .scale = in.scale(),
                                                        .out_scale = out.scale(),
                                                        .zero = static_cast<std::int32_t>(in.zero_point())});
  plan->factor = a.factor;
  if (a.factor != 0) plan->zero = a.zero;
  plan->columns_first = sums_columns(a.pool, plan->geometry);
  const auto zero = static_cast<std::int32_t>(out.zero_point());
  const bool shifted = a.rounding == ops::Ties::half_even_shifted;
  plan->before = shifted ? static_cast<float>(zero) : 0.0F;
  plan->behind = shifted ? 0 : zero;
  plan->low = static_cast<float>(range.min - plan->behind);
  plan->high = static_cast<float>(range.max - plan->behind);
  c.scratch_bytes = 2 * static_cast<std::size_t>(plan->geometry.channels) * sizeof(float);
  return std::shared_ptr<const void>(std::move(plan));
}

/// Half to even, of |x| below 2^22: what lies behind the point falls off the end of the sum.
float rounded(float x) noexcept {
  constexpr float shift = 12582912.0F;
  return (x + shift) - shift;
}

/// The whole image: integers.
template <class T>
void run_integers(const KernelArgs& args, const AveragePlan& p) noexcept {
  const PoolGeometry& g = p.geometry;
  auto* sums = reinterpret_cast<std::int32_t*>(args.scratch);
  for (std::int64_t b = 0; b < g.batch; ++b) {
    std::fill_n(sums, g.channels, 0);
    for (std::int64_t y = 0; y < g.in[1]; ++y)
      for (std::int64_t x = 0; x < g.in[2]; ++x) {
        const T* from = args.in<T>(0) + b * g.in_batch + y * g.in_step[1] + x * g.in_step[2];
        for (std::int64_t c = 0; c < g.channels; ++c) sums[c] += from[c * g.in_channel] - p.zero;
      }
    for (std::int64_t c = 0; c < g.channels; ++c) {
      const float q = static_cast<float>(sums[c]) * p.factor / p.out_scale + p.before;
      args.out<T>()[b * g.out_batch + c * g.out_channel] =
          static_cast<T>(static_cast<std::int32_t>(rounded(q > p.low ? std::min(q, p.high) : p.low)) + p.behind);
    }
  }
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<AveragePlan>();
  if (p.factor != 0) return run_integers<T>(args, p);
  const PoolGeometry& g = p.geometry;
  auto* sums = reinterpret_cast<float*>(args.scratch);
  for (std::int64_t b = 0; b < g.batch; ++b)
    for (std::int64_t y = 0; y < g.out[1]; ++y)
      for (std::int64_t x = 0; x < g.out[2]; ++x) {
        const auto rows = g.taps(1, y), columns = g.taps(2, x);
        std::fill_n(sums, g.channels, 0.0F);
        const auto add = [&](float* to, std::int64_t first, std::int64_t last) {
          for (std::int64_t fy = rows.first; fy < rows.last; ++fy)
            for (std::int64_t fx = first; fx < last; ++fx) {
              const T* tap = args.in<T>(0) + b * g.in_batch + (rows.origin + fy * g.dilation[1]) * g.in_step[1] +
                             (columns.origin + fx * g.dilation[2]) * g.in_step[2];
              if (g.in_channel == 1)
                for (std::int64_t c = 0; c < g.channels; ++c) to[c] += p.scale * static_cast<float>(tap[c] - p.zero);
              else
                for (std::int64_t c = 0; c < g.channels; ++c)
                  to[c] += p.scale * static_cast<float>(tap[c * g.in_channel] - p.zero);
            }
        };
        if (!p.columns_first) add(sums, columns.first, columns.last);
        for (std::int64_t fx = columns.first; p.columns_first && fx < columns.last; ++fx) {
          float* column = sums + g.channels;
          std::fill_n(column, g.channels, 0.0F);
          add(column, fx, fx + 1);
          for (std::int64_t c = 0; c < g.channels; ++c) sums[c] += column[c];
        }
        const std::int64_t count = p.count_include_pad ? g.padded_taps(1, y) * g.padded_taps(2, x)
                                                       : (rows.last - rows.first) * (columns.last - columns.first);
        T* to = args.out<T>() + b * g.out_batch + y * g.out_step[1] + x * g.out_step[2];
        const auto divisor = static_cast<float>(count);
        for (std::int64_t c = 0; c < g.channels; ++c) {
          const float real = count == 0 ? 0.0F : sums[c] / divisor;
          const float q = real / p.out_scale + p.before;
          to[c * g.out_channel] =
              static_cast<T>(static_cast<std::int32_t>(rounded(q > p.low ? std::min(q, p.high) : p.low)) + p.behind);
        }
      }
}

constexpr KernelDef kernels[] = {kernel(DType::qint8, run<std::int8_t>, prepare),
                                 kernel(DType::quint8, run<std::uint8_t>, prepare)};

}  // namespace

extern constexpr OpDef fused_average_pool{.name = "fused.average_pool",
                                          .help = "Averages of dequantized values over windows, quantized.",
                                          .infer = &infer,
                                          .reference = kernels};

}  // namespace qgraph::runtime::passes
