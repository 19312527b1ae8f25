// See collect.hpp.
#include "ops/support/collect.hpp"

#include <algorithm>
#include <cstring>

#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

/// Collected slices beyond this end the run: a loop that never ends must not take all memory.
constexpr std::size_t most_bytes = std::size_t{4} << 30;

}  // namespace

bool Held::give(const KernelArgs& args, std::size_t o) const noexcept {
  std::byte* to = args.control->resize(o, type, bytes.size());
  if (to && !bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to != nullptr;
}

Shape collected_shape(const Shape& slice, std::int64_t axis) {
  if (!slice.ranked()) return Shape::unknown_rank();
  const auto at = normalize_axis(axis, slice.rank() + 1);
  if (!at) return Shape::unknown_rank();
  std::vector<std::int64_t> dims(slice.begin(), slice.end());
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(*at), Shape::dynamic);
  return Shape(std::move(dims));
}

bool Collected::add(const KernelArgs& args, const View& slice) noexcept {
  if (bits(slice.type->storage()) < 8)
    return args.control->fail("values of this dtype cannot be collected", Cause::unsupported_dtype), false;
  if (count_ > 0 && !(slice.type->shape == type_.shape))
    return args.control->fail("the shape of a scan output changes from one iteration to the next", Cause::shape_mismatch), false;
  if (slice.bytes > most_bytes - std::min(most_bytes, bytes_.size()))
    return args.control->fail("a loop collects too much", Cause::resource_limit), false;
  type_ = *slice.type;
  slice_bytes_ = slice.bytes;
  bytes_.insert(bytes_.end(), slice.data, slice.data + slice.bytes);
  ++count_;
  return true;
}

bool Collected::give(const KernelArgs& args, std::size_t o, std::int64_t axis, bool reversed) const noexcept {
  TensorType type = *args.outputs[o].type;
  if (count_ == 0) {
    for (std::int64_t& d : type.shape.mutable_dims())
      if (d < 0) d = 0;
    if (!type.shape.ranked()) type.shape = Shape{0};
    return args.control->resize(o, type, 0) != nullptr;
  }
  type.shape = collected_shape(type_.shape, axis);
  const auto at = normalize_axis(axis, type_.shape.rank() + 1);
  if (!at) return args.control->fail("the axis of a scan output is outside of its rank"), false;
  type.shape[*at] = static_cast<std::int64_t>(count_);
  std::byte* to = args.control->resize(o, type, bytes_.size());
  if (!to) return false;
  const auto outer = static_cast<std::size_t>(product(type_.shape, 0, *at));
  if (outer == 0) return true;
  const std::size_t inner = slice_bytes_ / outer;
  for (std::size_t k = 0; k < count_; ++k) {
    const std::byte* slice = bytes_.data() + (reversed ? count_ - 1 - k : k) * slice_bytes_;
    for (std::size_t i = 0; i < outer && inner > 0; ++i) std::memcpy(to + (i * count_ + k) * inner, slice + i * inner, inner);
  }
  return true;
}

}  // namespace qgraph::ops
