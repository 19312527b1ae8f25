// Packing of weights into vectors of channels.
#include "runtime/fast/packed_rows.hpp"

#include <algorithm>
#include <cstring>

#include "runtime/fast/channel_constants.hpp"

namespace qgraph::runtime {
namespace {

/// The number of the layout of what is packed: to be raised whenever that changes.
constexpr int layout = 1;

/// The common case, and the one to be quick: signed weights as they are. Returns their sum, which wraps.
std::uint32_t pack_signed(const PackedRows& p, const std::int8_t* row, std::int8_t* to) {
  std::uint32_t sum = 0;
  for (std::int64_t i = 0; i < p.run_count * p.run_length; ++i) sum += static_cast<std::uint32_t>(row[i]);
  for (std::int64_t run = 0; run < p.run_count; ++run) {
    for (std::int64_t i = 0; i + 4 <= p.run_length; i += 4, to += 64) std::memcpy(to, row + i, 4);
    if (p.run_length % 4 != 0) {
      std::memcpy(to, row + p.run_length / 4 * 4, static_cast<std::size_t>(p.run_length % 4));
      to += 64;
    }
    row += p.run_length;
  }
  return sum;
}

bool fill(const RowWeights& w, const PackedRows& p, std::int8_t* weights, std::uint32_t* sums, std::int32_t* offsets) {
  const std::int64_t depth = p.run_count * p.run_length;
  const bool is_unsigned = w.storage == DType::uint8;
  for (std::int64_t o = 0; o < p.groups * p.group_out; ++o) {
    const std::int64_t group = o / p.group_out, channel = o % p.group_out;
    const std::int32_t taken =
        w.zero_points.empty() ? 0 : w.zero_points[w.zero_points.size() == 1 ? 0 : static_cast<std::size_t>(o)];
    const auto* row = reinterpret_cast<const std::uint8_t*>(w.rows) + o * depth;
    const auto weight = [&](std::int64_t i) {
      return (is_unsigned ? std::int32_t{row[i]} : std::int32_t{static_cast<std::int8_t>(row[i])}) - taken;
    };
    std::int8_t* to = weights + group * p.group_bytes() + channel / vector_channels * p.run_count * p.run_quads * 64 +
                      channel % vector_channels * 4;
    if (!is_unsigned && taken == 0) {
      sums[o] = pack_signed(p, reinterpret_cast<const std::int8_t*>(row), to);
      continue;
    }
    std::int32_t least = 0, most = 0;
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < depth; ++i) {
      const std::int32_t value = weight(i);
      least = std::min(least, value);
      most = std::max(most, value);
      sum += value;
    }
    if (most - least > 255) return false;
    const std::int32_t offset = byte_offset(least, most);
    sums[o] = static_cast<std::uint32_t>(sum);
    offsets[o] = offset;
    for (std::int64_t run = 0; run < p.run_count; ++run)
      for (std::int64_t i = 0; i < p.run_length; ++i)
        to[(run * p.run_quads + i / 4) * 64 + i % 4] = static_cast<std::int8_t>(weight(run * p.run_length + i) - offset);
  }
  return true;
}

}  // namespace

bool fits_packed_rows(const ConvPlan& plan) {
  const ConvGeometry& g = plan.geometry;
  if (plan.block > 0 || bits(plan.weights.storage) != 8 || g.depth() <= 0) return false;
  if (std::ranges::any_of(plan.weights.zero_points, [](std::int32_t z) { return z < -128 || z > 255; })) return false;
  return g.input.channel == 1 && g.output.channel == 1 && g.in[0] == 1 && g.filter[0] == 1 && g.out[0] == 1;
}

RowWeights row_weights(const ConvPlan& plan, const View& stored, const WindowRows& windows) {
  return {.rows = plan.weights.of(stored, plan.geometry, nullptr),
          .storage = plan.weights.storage,
          .zero_points = plan.weights.zero_points,
          .groups = plan.geometry.groups,
          .group_out = plan.geometry.group_out,
          .run_length = windows.run_length,
          .run_count = windows.run_count()};
}

std::optional<PackedRows> PackedRows::pack(const RowWeights& w, PackedCache* cache, const char* row) {
  PackedRows p;
  p.groups = w.groups;
  p.group_out = w.group_out;
  p.run_length = w.run_length;
  p.run_count = w.run_count;
  p.run_quads = (w.run_length + 3) / 4;
  const std::int64_t depth = p.run_count * p.run_length, channels = p.groups * p.group_out,
                     weight_bytes = p.groups * p.group_bytes();
  PackedKey key("gemm_s8", row, layout);
  if (cache) {
    for (std::int64_t number : {p.groups, p.group_out, depth, p.run_length, p.run_count, static_cast<std::int64_t>(w.storage)})
      key.add(number);
    key.add_array(w.rows, static_cast<std::size_t>(channels * depth));
    key.add_array(w.zero_points.data(), w.zero_points.size());
  }
  auto packed = packed_bytes(cache, key, static_cast<std::size_t>(weight_bytes + channels * 8), [&](std::byte* to) {
    auto* sums = reinterpret_cast<std::uint32_t*>(to + weight_bytes);
    return fill(w, p, reinterpret_cast<std::int8_t*>(to), sums, reinterpret_cast<std::int32_t*>(sums + channels));
  });
  if (!packed) return std::nullopt;
  p.packed = *std::move(packed);
  p.weights = reinterpret_cast<const std::int8_t*>(p.packed.bytes.data());
  p.sums = reinterpret_cast<const std::uint32_t*>(p.weights + weight_bytes);
  p.offsets = reinterpret_cast<const std::int32_t*>(p.sums + channels);
  return p;
}

kernels::GemmS8 PackedRows::sums_of(std::int64_t group, const WindowRows& w) const noexcept {
  return {.row_stride = w.row_stride,
          .runs = w.runs.data(),
          .run_count = run_count,
          .run_bytes = run_length,
          .run_quads = run_quads,
          .weights = weights + group * group_bytes(),
          .channels = group_out,
          .bias = zeros.data(),
          .row_factor = factors.empty() ? nullptr : factors.data() + group * vectors() * vector_channels,
          .requantize = {.rule = kernels::Rule::sums},
          .output_stride = 4 * group_out};
}

void PackedRows::for_sums() {
  const std::int64_t padded = vectors() * vector_channels;
  zeros.assign(static_cast<std::size_t>(padded), 0);
  if (std::all_of(offsets, offsets + groups * group_out, [](std::int32_t o) { return o == 0; })) return;
  factors.assign(static_cast<std::size_t>(groups * padded), 0);
  for (std::int64_t o = 0; o < groups * group_out; ++o)
    factors[static_cast<std::size_t>(o / group_out * padded + o % group_out)] = offsets[o];
}

}  // namespace qgraph::runtime
