// From the reference kernels' output stage.
#include "runtime/fast/channel_constants.hpp"

#include <algorithm>

namespace qgraph::runtime {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

/// A multiplier with its shift to the right; one of 0 gives 0 with any shift.
struct Fixed {
  std::int32_t value = 0;
  int right = 1;
  explicit Fixed(Multiplier m) : value(m.value), right(m.value == 0 ? 1 : -m.shift) {}
};

}  // namespace

AccumulatorOutput of_group(const AccumulatorOutput& stage, std::int64_t group, std::int64_t channels) {
  AccumulatorOutput part = stage;
  part.channels = channels;
  const auto cut = [&](auto& list) {
    if (list.size() > 1) list = {list.begin() + group * channels, list.begin() + (group + 1) * channels};
  };
  cut(part.fixed);
  cut(part.factors);
  if (!stage.added.empty()) part.added = {stage.added.begin() + group * channels, stage.added.begin() + (group + 1) * channels};
  return part;
}

bool ChannelConstants::make(const AccumulatorOutput& stage, PositionFn position) {
  const bool is_unsigned = stage.storage == DType::uint8;
  if (stage.kind != AccumulatorOutput::Kind::quantized || (!is_unsigned && stage.storage != DType::int8)) return false;
  if (stage.channels <= 0 || stage.zero_point < stage.low - 255 || stage.zero_point > stage.high + 255 || stage.low > stage.high)
    return false;
  const std::int32_t offset = is_unsigned ? 128 : 0;
  common_ = {.zero_point = static_cast<std::int32_t>(stage.zero_point) - offset,
             .low = static_cast<std::int32_t>(stage.low) - offset,
             .high = static_cast<std::int32_t>(stage.high) - offset,
             .flip = is_unsigned ? std::uint8_t{0x80} : std::uint8_t{0}};
  const std::size_t count = at((stage.channels + 63) / 64 * 64);
  bias_.resize(count);
  offset_.resize(count);
  const auto each = [&](auto&& set) {
    for (std::int64_t c = 0; c < stage.channels; ++c) set(at(position(c)), at(stage.factors.size() > 1 ? c : 0));
  };
  switch (stage.rounding) {
    case Rounding::double_product:
      common_.rule = kernels::Rule::double_product;
      factor_.resize(count);
      each([&](std::size_t p, std::size_t s) { factor_[p] = stage.factors[s]; });
      return true;
    case Rounding::nearest_even:
      common_.rule = kernels::Rule::nearest_even;
      scale_.resize(count);
      each([&](std::size_t p, std::size_t s) { scale_[p] = static_cast<float>(stage.factors[s]); });
      if (!stage.added.empty()) {
        added_.resize(count);
        for (std::int64_t c = 0; c < stage.channels; ++c) added_[at(position(c))] = stage.added[at(c)];
      }
      return true;
    case Rounding::double_rounding: break;
  }
  const auto all = [&](auto&& holds) { return std::ranges::all_of(stage.fixed, [&](Multiplier m) { return holds(Fixed(m)); }); };
  const bool zero_in_range = stage.zero_point >= (is_unsigned ? 0 : -128) && stage.zero_point <= (is_unsigned ? 255 : 127);
  if (zero_in_range && common_.low >= common_.zero_point && all([](Fixed f) { return f.right >= 1 && f.right <= 22; }))
    common_.rule = kernels::Rule::fixed_above_zero;
  else if (all([](Fixed f) { return f.right >= 1; }))
    common_.rule = kernels::Rule::fixed;
  else
    common_.rule = kernels::Rule::fixed_any;
  multiplier_.resize(count);
  shift_.resize(count);
  if (common_.rule == kernels::Rule::fixed_above_zero) addend_.resize(count);
  if (common_.rule == kernels::Rule::fixed_any) {
    left_.resize(count);
    shifted_.resize(count);
  }
  each([&](std::size_t p, std::size_t s) {
    const Fixed f(stage.fixed[s]);
    multiplier_[p] = f.value;
    shift_[p] = std::max(f.right - 1, 0);
    if (!addend_.empty())
      addend_[p / 16 * 16 + p % 2 * 8 + p % 16 / 2] = (std::int64_t{1} << 30) + (std::int64_t{1} << (30 + f.right)) +
                                                      std::int64_t{common_.zero_point} * (std::int64_t{1} << (31 + f.right));
    if (!left_.empty()) {
      left_[p] = std::max(-f.right, 0);
      shifted_[p] = f.right >= 1 ? 1 : 0;
    }
  });
  return true;
}

void ChannelConstants::make_sums(std::int64_t channels) {
  common_ = {.rule = kernels::Rule::sums};
  bias_.resize(at((channels + 63) / 64 * 64));
  offset_.resize(bias_.size());
}

kernels::Requantize ChannelConstants::from(std::int64_t first) const noexcept {
  const auto part = [first](const auto& array) { return array.empty() ? nullptr : array.data() + first; };
  kernels::Requantize q = common_;
  q.multiplier = part(multiplier_);
  q.addend = part(addend_);
  q.shift = part(shift_);
  q.left = part(left_);
  q.shifted = part(shifted_);
  q.factor = part(factor_);
  q.scale = part(scale_);
  q.added = part(added_);
  return q;
}

std::size_t ChannelConstants::bytes() const noexcept {
  const std::size_t words = multiplier_.size() + shift_.size() + left_.size() + shifted_.size() + bias_.size() + offset_.size() +
                            scale_.size() + added_.size();
  return words * 4 + (addend_.size() + factor_.size()) * 8;
}

}  // namespace qgraph::runtime
