// Reductions: which elements fall together, and in which order TensorFlow Lite's reference kernels take them.
#pragma once

#include <array>

#include "ops/requantize.hpp"
#include "ops/support/fixed_point.hpp"
#include "ops/support/map_elements.hpp"

namespace qgraph {

struct Reduce {
  bool keep_dims = false;
};
inline constexpr std::array reduce_attributes{attr<&Reduce::keep_dims>("keep_dims", "reduced axes stay, with size 1")};

/// Constraint c1: axes are integers of the input's rank; c2: at most 16 axes.
Result<Types> infer_reduce(const InferContext& c, std::string_view op);

/// The input's axes, neighbours of a kind merged: sizes, and the step in the output (0 where reduced).
class Reduction {
 public:
  static constexpr std::size_t most_axes = 16;

  /// Reads operand 1 (int32 or int64; left out: all axes). Fails through control where an axis is outside.
  explicit Reduction(const KernelArgs& args) noexcept;
  bool valid() const noexcept { return valid_; }
  std::int64_t inputs() const noexcept { return inputs_; }
  std::int64_t outputs() const noexcept { return outputs_; }
  /// Elements that fall on one output.
  std::int64_t reduced() const noexcept { return reduced_; }
  bool all_axes() const noexcept { return all_axes_; }

  /// f(input offset, output offset, is the first of its output) in row-major order of the input.
  template <class F>
  void each(F f) const noexcept {
    if (inputs_ == 0) return;
    std::array<std::int64_t, most_axes> at{};
    const std::size_t last = rank_ == 0 ? 0 : rank_ - 1;
    const std::int64_t inner = rank_ == 0 ? 1 : sizes_[last], step = rank_ == 0 ? 0 : steps_[last];
    for (std::int64_t i = 0, out = 0, later = 0;;) {  // later: how many reduced indices are not 0
      for (std::int64_t k = 0; k < inner; ++k) f(i + k, out + k * step, later == 0 && (k == 0 || step != 0));
      i += inner;
      std::size_t d = last;
      for (; d-- > 0;) {
        if (steps_[d] == 0 && at[d] == 0) ++later;
        out += steps_[d];
        if (++at[d] < sizes_[d]) break;
        out -= steps_[d] * sizes_[d];
        at[d] = 0;
        if (steps_[d] == 0) --later;
      }
      if (i >= inputs_) return;
    }
  }

 private:
  std::array<std::int64_t, most_axes> sizes_{}, steps_{};
  std::size_t rank_ = 0;
  std::int64_t inputs_ = 1, outputs_ = 1, reduced_ = 1;
  bool valid_ = true, all_axes_ = false;
};

/// out = reducer over elements, from initial; where all axes are reduced, from the first element, as the reference does.
template <class T, class F>
void reduce_plain(const KernelArgs& args, T initial, F reducer) noexcept {
  const Reduction r(args);
  if (!r.valid()) return;
  const T* in = args.in<T>(0);
  T* out = args.out<T>();
  std::fill_n(out, r.outputs(), initial);
  const bool from_first = r.all_axes() && r.inputs() > 0;
  if (from_first) out[0] = in[0];
  r.each([&](std::int64_t i, std::int64_t o, bool) {
    if (!from_first || i > 0) out[o] = reducer(out[o], in[i]);
  });
}

/// Accumulators of quantized reductions and means.
template <class Acc>
Result<std::shared_ptr<const void>> prepare_reduce(PrepareContext& c) {
  c.scratch_bytes = static_cast<std::size_t>(c.outputs[0].elements()) * sizeof(Acc);
  const TensorType &in = *c.inputs[0].type, &out = *c.outputs[0].type;
  const double scale = out.quantized() ? static_cast<double>(in.scale()) / static_cast<double>(out.scale()) : 1.0;
  return prepared(c, quantize_multiplier(scale));
}

/// MEAN and SUM of quantized values. The mean's division is part of the multiplier, with as many bits as fit.
template <class T, bool mean>
void run_quantized_sum(const KernelArgs& args) noexcept {
  const Reduction r(args);
  if (!r.valid()) return;
  const T* in = args.in<T>(0);
  T* out = args.out<T>();
  auto* sums = reinterpret_cast<std::int32_t*>(args.scratch);
  std::fill_n(sums, r.outputs(), 0);
  std::fill_n(out, r.outputs(), T{0});
  if (r.inputs() == 0) return;
  r.each([&](std::int64_t i, std::int64_t o, bool) { sums[o] = fixed_point::add<std::int32_t>(sums[o], in[i]); });
  Multiplier m = args.prepared_as<Multiplier>();
  const std::int64_t n = r.reduced();
  if (mean) {
    const int bits = std::min({63 - std::countl_zero(static_cast<std::uint64_t>(n)), 32, 31 + m.shift});
    m = {static_cast<std::int32_t>((std::int64_t{m.value} << bits) / n), m.shift - bits};
  }
  const std::int64_t zeros = args.inputs[0].type->zero_point() * n;
  const auto zero_point = static_cast<std::int32_t>(args.outputs[0].type->zero_point());
  for (std::int64_t o = 0; o < r.outputs(); ++o) {
    const std::int32_t q = fixed_point::add(multiply(static_cast<std::int32_t>(sums[o] - zeros), m), zero_point);
    out[o] = static_cast<T>(std::clamp(q, lowest<T>(), highest<T>()));
  }
}

/// Minima and maxima of quantized values: of the stored ones, then requantized where the output has parameters of its own
/// (the reference refuses that).
template <class T, class F>
void reduce_stored(const KernelArgs& args, T initial, F reducer) noexcept {
  reduce_plain<T>(args, initial, reducer);
  const TensorType &in = *args.inputs[0].type, &to = *args.outputs[0].type;
  if (in.scale() == to.scale() && in.zero_point() == to.zero_point()) return;
  const auto m = args.prepared_as<Multiplier>();
  const auto in_zero = static_cast<std::int32_t>(in.zero_point()), out_zero = static_cast<std::int32_t>(to.zero_point());
  T* out = args.out<T>();
  const std::int64_t n = args.outputs[0].elements();
  for (std::int64_t i = 0; i < n; ++i)
    out[i] = static_cast<T>(std::clamp(multiply(std::int32_t{out[i]} - in_zero, m) + out_zero, lowest<T>(), highest<T>()));
}

}  // namespace qgraph
