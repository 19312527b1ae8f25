// Quantizing rows on the fly, and what comes after their products.
#include "runtime/fast/hybrid_rows.hpp"

#include <algorithm>

namespace qgraph::runtime {

HybridStep HybridRows::step(const float* values, std::int64_t n, const kernels::RangeF32& range) const noexcept {
  float low = range.low, high = range.high;
  if (!range.ordered) {  // then the range is what the reference's order of comparisons makes of it
    const auto [least, most] = std::minmax_element(values, values + n);
    low = *least;
    high = *most;
  }
  return asymmetric ? asymmetric_step(low, high) : symmetric_step(low, high);
}

kernels::RangeF32 HybridRows::range(ThreadPool* threads, int parts, const float* values, std::int64_t n,
                                    kernels::RangeF32* partial) const noexcept {
  split_work(threads, parts, [&](int part, int count, int) noexcept {
    const Share mine = share(n, part, count);
    partial[part] = mine.begin == mine.end ? kernel->range(values, 1) : kernel->range(values + mine.begin, mine.end - mine.begin);
  });
  kernels::RangeF32 all = partial[0];
  if (!threads) return all;
  for (int part = 1; part < parts; ++part)
    all = {std::min(all.low, partial[part].low), std::max(all.high, partial[part].high), all.ordered && partial[part].ordered};
  return all;
}

void HybridRows::store(const HybridStep& step, const float* values, std::int64_t n, std::int64_t begin, std::int64_t end,
                       std::uint8_t* out) const noexcept {
  const auto offset = static_cast<float>(step.scale.zero_point);
  const std::int64_t vectors = std::clamp(n / 8 * 8, begin, end);
  kernel->store({.inverse = step.inverse, .offset = offset, .low = step.low}, values + begin, vectors - begin, out);
  for (std::int64_t i = vectors; i < end; ++i) {
    const std::int8_t stored = detail::clamped_int8(offset + detail::rounded(values[i] * step.inverse, false), step.low, 127.0F);
    out[i - begin] = static_cast<std::uint8_t>(static_cast<std::uint8_t>(stored) ^ 0x80);
  }
}

void HybridFinish::make(const AccumulatorOutput& output, const std::uint32_t* sums, const float* bias, std::int64_t times) {
  common_.low = output.float_low;
  common_.high = output.float_high;
  common_.in_turn = output.scale_in_turn;
  for (std::int64_t t = 0; t < times; ++t)
    for (std::int64_t c = 0; c < output.channels; ++c) {
      sums_.push_back(static_cast<std::int32_t>(sums[c]));
      scales_.push_back(output.weight_scales[output.weight_scales.size() > 1 ? static_cast<std::size_t>(c) : 0]);
      if (bias) bias_.push_back(bias[c]);
    }
  sums_.resize(sums_.size() + 15);
  scales_.resize(scales_.size() + 15);
  if (bias) bias_.resize(bias_.size() + 15);
}

kernels::FinishF32 HybridFinish::of(std::int64_t first, HybridScale scale) const noexcept {
  kernels::FinishF32 finish = common_;
  finish.weight_sums = sums_.data() + first;
  finish.scales = scales_.data() + first;
  if (!bias_.empty()) finish.bias = bias_.data() + first;
  finish.taken = scale.zero_point + 128;
  finish.scale = scale.scale;
  return finish;
}

bool fits_hybrid_finish(const PrepareContext& context, const AccumulatorOutput& output) {
  if (output.kind != AccumulatorOutput::Kind::hybrid || output.weight_scales.empty()) return false;
  if (output.activation == Activation::tanh || output.activation == Activation::sign_bit) return false;
  return !context.has(2) || (context.constant(2) && context.inputs[2].type->dtype() == DType::float32);
}

}  // namespace qgraph::runtime
