// Constants of each channel for 16-bit results.
#include "runtime/fast/wide_rows.hpp"

#include "ops/support/unpack_sub_byte.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::size_t read_behind = 8;  ///< numbers

}  // namespace

bool WideFinish::make(const AccumulatorOutput& output, const View& bias, const std::uint32_t* sums, std::int64_t times) {
  if (output.kind != AccumulatorOutput::Kind::quantized || output.storage != DType::int16 || !output.added.empty()) return false;
  if (output.rounding == Rounding::nearest_even || output.factors.empty() || output.low > output.high) return false;
  if (output.zero_point < -32768 || output.zero_point > 32767) return false;
  common_.rule = output.rounding == Rounding::double_product ? kernels::WideRule::product
                 : output.narrow                             ? kernels::WideRule::narrow
                                                             : kernels::WideRule::reduced;
  common_.zero_point = output.zero_point;
  common_.least = output.low;
  common_.most = output.high;
  for (std::int64_t i = 0; i < times * output.channels; ++i) {
    const std::int64_t c = i % output.channels;
    const auto s = static_cast<std::size_t>(output.factors.size() > 1 ? c : 0);
    const std::int64_t first = bias.data == nullptr                   ? 0
                               : bias.type->storage() == DType::int64 ? bias.as<std::int64_t>()[c]
                                                                      : integer_at(bias.data, bias.type->storage(), c);
    begin_.push_back(static_cast<std::int64_t>(static_cast<std::uint64_t>(first) -
                                               32768 * static_cast<std::uint64_t>(static_cast<std::int32_t>(sums[c]))));
    const Multiplier m = output.fixed[s];
    switch (common_.rule) {
      case kernels::WideRule::product: factor_.push_back(output.factors[s]); break;
      case kernels::WideRule::narrow:
        multiplier_.push_back(m.value);
        shift_.push_back(m.shift);
        break;
      case kernels::WideRule::reduced:
        multiplier_.push_back(m.value < 0x7FFF0000 ? (std::int64_t{m.value} + (1 << 15)) >> 16 : 0x7FFF);
        shift_.push_back(15 - m.shift);
        if (shift_.back() < 1 || shift_.back() > 62) return false;
        break;
    }
  }
  for (auto* list : {&begin_, &multiplier_, &shift_}) list->resize(list->empty() ? 0 : list->size() + read_behind);
  if (!factor_.empty()) factor_.resize(factor_.size() + read_behind);
  return true;
}

kernels::FinishS16 WideFinish::of(std::int64_t first) const noexcept {
  const auto part = [first](const auto& array) { return array.empty() ? nullptr : array.data() + first; };
  kernels::FinishS16 finish = common_;
  finish.begin = part(begin_);
  finish.multiplier = part(multiplier_);
  finish.shift = part(shift_);
  finish.factor = part(factor_);
  return finish;
}

bool fits_wide(const PrepareContext& context, std::int64_t input_zero_point, std::int64_t depth) {
  constexpr std::int64_t most_depth = 1 << 15;  // sums of products of bytes then fit 32 bits
  if (context.inputs[0].type->storage() != DType::int16 || input_zero_point != 0 || depth <= 0 || depth > most_depth)
    return false;
  if (context.constant(0) || context.outputs[0].elements() == 0) return false;
  if (!context.has(2)) return true;
  const DType bias = context.inputs[2].type->storage();
  return context.constant(2) && (bias == DType::int32 || bias == DType::int64);
}

}  // namespace qgraph::runtime
