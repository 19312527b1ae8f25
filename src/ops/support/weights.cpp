// Packing of weights.
#include "ops/support/weights.hpp"

#include "ops/infer.hpp"
#include "ops/support/dequantize_values.hpp"
#include "ops/support/unpack_sub_byte.hpp"

namespace qgraph {
namespace {

/// Calls visit(source element) in the packed order.
template <class Visit>
void in_order(const ConvGeometry& g, WeightOrder order, Visit&& visit) noexcept {
  const auto taps = [&](auto&& each) {
    for (std::int64_t d = 0; d < g.filter[0]; ++d)
      for (std::int64_t y = 0; y < g.filter[1]; ++y)
        for (std::int64_t x = 0; x < g.filter[2]; ++x)
          each(d * g.weights_spatial[0] + y * g.weights_spatial[1] + x * g.weights_spatial[2]);
  };
  for (std::int64_t group = 0; group < g.groups; ++group) {
    const std::int64_t base = group * g.weights_group;
    if (order == WeightOrder::rows) {
      for (std::int64_t o = 0; o < g.group_out; ++o)
        taps([&](std::int64_t tap) {
          for (std::int64_t i = 0; i < g.group_in; ++i) visit(base + tap + o * g.weights_out + i * g.weights_in);
        });
    } else {
      taps([&](std::int64_t tap) {
        for (std::int64_t i = 0; i < g.group_in; ++i)
          for (std::int64_t o = 0; o < g.group_out; ++o) visit(base + tap + o * g.weights_out + i * g.weights_in);
      });
    }
  }
}

void pack(const View& weights, const ConvGeometry& g, const PackedWeights& p, std::byte* to) noexcept {
  const std::byte* from = weights.data;
  const DType storage = weights.type->storage();
  if (p.storage == DType::float32) {
    auto* out = reinterpret_cast<float*>(to);
    if (!weights.type->quantized()) return in_order(g, p.order, [&](std::int64_t i) { *out++ = load_as<float>(from, i); });
    const Quantization& q = *weights.type->quantization();
    const ScaleIndex index(*weights.type);
    return in_order(g, p.order, [&](std::int64_t i) {
      const std::size_t s = index(i);
      *out++ = static_cast<float>(integer_at(from, storage, i) - q.zero_point(s)) * q.scales[s];
    });
  }
  if (bits(storage) < 8)
    return in_order(g, p.order, [&](std::int64_t i) { *to++ = static_cast<std::byte>(integer_at(from, storage, i)); });
  if (bits(storage) == 8) return in_order(g, p.order, [&](std::int64_t i) { *to++ = from[i]; });
  auto* out = reinterpret_cast<std::int16_t*>(to);
  in_order(g, p.order, [&](std::int64_t i) { *out++ = load_as<std::int16_t>(from, i); });
}

}  // namespace

const std::byte* PackedWeights::of(const View& weights, const ConvGeometry& g, std::byte* memory) const noexcept {
  if (as_stored) return weights.data;
  if (!constant.empty()) return constant.data();
  auto* to = scratch.in<std::byte>(memory);
  pack(weights, g, *this, to);
  return to;
}

Result<PackedWeights> pack_weights(const View& weights, const ConvGeometry& g, WeightOrder order, bool dequantized,
                                   Scratch& scratch) {
  PackedWeights p;
  p.order = order;
  const DType stored = weights.type->storage();
  p.storage = dequantized ? DType::float32 : unpacked_dtype(stored);
  const bool known = p.storage == DType::float32 ? stored == DType::float32 || weights.type->quantized()
                                                 : is_integer(stored) && bits(stored) <= 16;
  if (!known)
    return constraint("weights_dtype", "weights of " + std::string(name(stored)) + " are not supported here",
                      Cause::unsupported_dtype);
  if (const Quantization* q = weights.type->quantization()) {
    if (dequantized && static_cast<std::int64_t>(q->scales.size()) < scales_wanted(*weights.type))
      return constraint("weights_scales", "weights have fewer scales than their shape wants", Cause::invalid_quantization);
    if (q->zero_points.size() > 1 && q->zero_points.size() != q->scales.size())
      return constraint("weights_zero_points", "as many zero points as scales are wanted", Cause::invalid_quantization);
    for (std::int64_t z : q->zero_points) {
      if (z < -32768 || z > 65535)
        return constraint("weights_zero_points", "a zero point is out of range", Cause::data_out_of_range);
      p.zero_points.push_back(static_cast<std::int32_t>(z));
    }
    if (std::ranges::all_of(p.zero_points, [](std::int32_t z) { return z == 0; })) p.zero_points.clear();
  }
  p.as_stored = order == WeightOrder::rows && p.storage == stored && g.weights_are_rows();
  if (p.as_stored) return p;
  const std::int64_t n = g.channels_out() * g.depth();
  const std::int64_t size = bits(p.storage) / 8;
  if (weights.data == nullptr)
    p.scratch = scratch.take<std::byte>(n * size);
  else {
    p.constant.resize(static_cast<std::size_t>(n * size));
    pack(weights, g, p, p.constant.data());
  }
  return p;
}

}  // namespace qgraph
