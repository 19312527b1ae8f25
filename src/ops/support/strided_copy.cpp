// The loops of StridedCopy: memcpy where a run is contiguous, single elements elsewhere, bit fields below a byte.
#include "ops/support/strided_copy.hpp"

#include <cstring>

namespace qgraph::ops {
namespace {

struct Wide {
  std::uint64_t low, high;
};

unsigned read_bits(const std::byte* data, std::int64_t index, int bits) noexcept {
  const std::int64_t at = index * bits;
  return (std::to_integer<unsigned>(data[at / 8]) >> (at % 8)) & ((1U << bits) - 1U);
}

void write_bits(std::byte* data, std::int64_t index, int bits, unsigned value) noexcept {
  const std::int64_t at = index * bits;
  const unsigned mask = ((1U << bits) - 1U) << (at % 8);
  const unsigned old = std::to_integer<unsigned>(data[at / 8]);
  data[at / 8] = static_cast<std::byte>((old & ~mask) | ((value << (at % 8)) & mask));
}

/// Calls inner(in, out, innermost loop) for every position of the outer loops.
template <class Loop, class Inner>
void walk(const Loop* loop, std::size_t left, std::int64_t in, std::int64_t out, const Inner& inner) noexcept {
  if (left == 1) return inner(in, out, *loop);
  for (std::int64_t i = 0; i < loop->extent; ++i)
    walk(loop + 1, left - 1, in + i * loop->in_stride, out + i * loop->out_stride, inner);
}

}  // namespace

void StridedCopy::add(std::int64_t extent, std::int64_t in_stride, std::int64_t out_stride) noexcept {
  if (extent <= 0) empty_ = true;
  if (extent == 1 || empty_) return;
  if (count_ > 0) {
    Loop& outer = loops_[count_ - 1];
    if (outer.in_stride == extent * in_stride && outer.out_stride == extent * out_stride) {
      outer = {outer.extent * extent, in_stride, out_stride};
      return;
    }
  }
  if (count_ < loops_.size()) loops_[count_++] = {extent, in_stride, out_stride};
}

template <class Element>
void StridedCopy::run_bytes(const std::byte* in, std::byte* out) const noexcept {
  constexpr auto size = static_cast<std::int64_t>(sizeof(Element));
  walk(loops_.data(), count_, in_offset, out_offset, [&](std::int64_t from, std::int64_t to, const Loop& loop) {
    const std::byte* source = in + from * size;
    std::byte* target = out + to * size;
    if (loop.in_stride == 1 && loop.out_stride == 1) {
      std::memcpy(target, source, static_cast<std::size_t>(loop.extent) * sizeof(Element));
      return;
    }
    for (std::int64_t i = 0; i < loop.extent; ++i) {
      std::memcpy(target, source, sizeof(Element));
      source += loop.in_stride * size;
      target += loop.out_stride * size;
    }
  });
}

void StridedCopy::run_bits(const std::byte* in, std::byte* out, int bits) const noexcept {
  walk(loops_.data(), count_, in_offset, out_offset, [&](std::int64_t from, std::int64_t to, const Loop& loop) {
    for (std::int64_t i = 0; i < loop.extent; ++i)
      write_bits(out, to + i * loop.out_stride, bits, read_bits(in, from + i * loop.in_stride, bits));
  });
}

void StridedCopy::run(const std::byte* in, std::byte* out, int element_bits) const noexcept {
  if (empty_) return;
  if (count_ == 0) return copy_run(in, in_offset, out, out_offset, 1, element_bits);
  switch (element_bits) {
    case 8: return run_bytes<std::uint8_t>(in, out);
    case 16: return run_bytes<std::uint16_t>(in, out);
    case 32: return run_bytes<std::uint32_t>(in, out);
    case 64: return run_bytes<std::uint64_t>(in, out);
    case 128: return run_bytes<Wide>(in, out);
    default: return run_bits(in, out, element_bits);
  }
}

void copy_run(const std::byte* in, std::int64_t in_index, std::byte* out, std::int64_t out_index, std::int64_t count,
              int element_bits) noexcept {
  if (count <= 0) return;
  if (element_bits % 8 == 0) {
    const std::int64_t size = element_bits / 8;
    std::memcpy(out + out_index * size, in + in_index * size, static_cast<std::size_t>(count * size));
    return;
  }
  for (std::int64_t i = 0; i < count; ++i)
    write_bits(out, out_index + i, element_bits, read_bits(in, in_index + i, element_bits));
}

void fill_run(std::byte* out, std::int64_t count, const std::byte* value, int element_bits) noexcept {
  if (count <= 0) return;
  if (element_bits == 8) {
    std::memset(out, std::to_integer<int>(*value), static_cast<std::size_t>(count));
    return;
  }
  StridedCopy copy;
  copy.add(count, 0, 1);
  copy.run(value, out, element_bits);
}

}  // namespace qgraph::ops
