// The wire format: tags, varints, lengths, and groups, which are obsolete but allowed wherever a field is unknown.
#include "formats/onnx/proto.hpp"

#include <array>

namespace qgraph::formats::onnx {
namespace {

constexpr std::size_t group_depth = 32;

}  // namespace

std::optional<std::uint64_t> read_varint(Bytes bytes, std::size_t& at, Flaw& flaw) noexcept {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (at >= bytes.size()) {
      flaw = Flaw::cut_off;
      return std::nullopt;
    }
    const auto byte = std::to_integer<std::uint64_t>(bytes[at++]);
    // The tenth byte has room for one bit.
    if (shift == 63 && byte > 1) break;
    value |= (byte & 0x7FU) << shift;
    if (byte < 0x80) return value;
  }
  flaw = Flaw::varint_too_long;
  return std::nullopt;
}

bool MessageReader::read_tag(std::uint32_t& number, Wire& wire) noexcept {
  const auto tag = read_varint(bytes_, at_, flaw_);
  if (!tag) return false;
  number = static_cast<std::uint32_t>(*tag >> 3U);
  wire = static_cast<Wire>(*tag & 7U);
  if (*tag > 0xFFFF'FFFFU || number == 0)
    flaw_ = Flaw::field_zero;
  else if ((*tag & 7U) > 5)
    flaw_ = Flaw::wire_type;
  return flaw_ == Flaw::none;
}

bool MessageReader::read_value(Field& field) noexcept {
  std::uint64_t length = 0;
  switch (field.wire) {
    case Wire::varint: {
      const auto v = read_varint(bytes_, at_, flaw_);
      if (v) field.value = *v;
      return v.has_value();
    }
    case Wire::fixed32: length = 4; break;
    case Wire::fixed64: length = 8; break;
    case Wire::length: {
      const auto v = read_varint(bytes_, at_, flaw_);
      if (!v) return false;
      length = *v;
      break;
    }
    case Wire::group: return skip_group(field.number);
    case Wire::group_end: flaw_ = Flaw::group_end; return false;
  }
  if (length > bytes_.size() - at_) {
    flaw_ = Flaw::cut_off;
    return false;
  }
  const Bytes value = bytes_.subspan(at_, static_cast<std::size_t>(length));
  at_ += value.size();
  if (field.wire == Wire::length)
    field.bytes = value;
  else
    std::memcpy(&field.value, value.data(), value.size());
  return true;
}

bool MessageReader::skip_group(std::uint32_t number) noexcept {
  std::array<std::uint32_t, group_depth> open{number};
  for (std::size_t depth = 1; depth > 0;) {
    Field inner;
    if (!read_tag(inner.number, inner.wire)) return false;
    if (inner.wire == Wire::group_end) {
      if (inner.number != open[depth - 1]) {
        flaw_ = Flaw::group_end;
        return false;
      }
      --depth;
    } else if (inner.wire == Wire::group) {
      if (depth == group_depth) {
        flaw_ = Flaw::too_deep;
        return false;
      }
      open[depth++] = inner.number;
    } else if (!read_value(inner)) {
      return false;
    }
  }
  return true;
}

bool MessageReader::next(Field& field) noexcept {
  if (flaw_ != Flaw::none || at_ >= bytes_.size()) return false;
  const std::size_t from = at_;
  field = {};
  if (!read_tag(field.number, field.wire) || !read_value(field)) return false;
  field.whole = bytes_.subspan(from, at_ - from);
  return true;
}

void append_integers(const Field& field, std::vector<std::int64_t>& out) {
  if (field.wire == Wire::varint) out.push_back(field.integer());
  if (field.wire != Wire::length) return;
  Flaw flaw{};
  for (std::size_t at = 0; at < field.bytes.size();) {
    const auto v = read_varint(field.bytes, at, flaw);
    if (!v) return;
    out.push_back(static_cast<std::int64_t>(*v));
  }
}

}  // namespace qgraph::formats::onnx
