// Parts of a message, and their encoding: stored ones are copied, lengths around changed ones written anew.
#include "formats/onnx/message_edit.hpp"

#include <algorithm>
#include <cstring>

namespace qgraph::formats::onnx {
namespace {

void put(std::vector<std::byte>& out, Bytes bytes) {
  if (bytes.empty()) return;
  out.resize(out.size() + bytes.size());
  std::memcpy(out.data() + (out.size() - bytes.size()), bytes.data(), bytes.size());
}

void put_varint(std::vector<std::byte>& out, std::uint64_t v) {
  for (; v >= 0x80; v >>= 7U) out.push_back(static_cast<std::byte>((v & 0x7FU) | 0x80U));
  out.push_back(static_cast<std::byte>(v));
}

void put_tag(std::vector<std::byte>& out, std::uint32_t number, Wire wire) {
  put_varint(out, std::uint64_t{number} << 3U | static_cast<std::uint64_t>(wire));
}

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

}  // namespace

MessageEdit::MessageEdit(Bytes stored) {
  for_each_field(stored, [&](const Field& f) {
    auto part = std::make_unique<Part>();
    part->number = f.number;
    part->wire = f.wire;
    part->whole = f.whole;
    part->content = f.bytes;
    parts_.push_back(std::move(part));
  });
}

MessageEdit& MessageEdit::open(Part& part) {
  if (!part.message) part.message = std::make_unique<MessageEdit>(part.content);
  return *part.message;
}

Part* MessageEdit::locate(Bytes content) {
  for (const auto& part : parts_) {
    const Bytes stored = part->content;
    if (part->wire != Wire::length || stored.empty() || content.data() < stored.data() ||
        content.data() + content.size() > stored.data() + stored.size())
      continue;
    if (stored.data() == content.data() && stored.size() == content.size()) return part.get();
    // Only messages hold messages: a text that happens to lie around it cannot.
    return open(*part).locate(content);
  }
  return nullptr;
}

Part* MessageEdit::find(std::uint32_t number) {
  const auto at = std::ranges::find_if(parts_, [&](const auto& p) { return p->number == number; });
  return at == parts_.end() ? nullptr : at->get();
}

std::vector<Part*> MessageEdit::all(std::uint32_t number) {
  std::vector<Part*> found;
  for (const auto& p : parts_)
    if (p->number == number) found.push_back(p.get());
  return found;
}

void MessageEdit::remove(std::uint32_t number) {
  std::erase_if(parts_, [&](const auto& p) { return p->number == number; });
}

void MessageEdit::remove(const Part* part) {
  std::erase_if(parts_, [&](const auto& p) { return p.get() == part; });
}

Part& MessageEdit::make(std::uint32_t number, Wire wire) {
  auto part = std::make_unique<Part>();
  part->number = number;
  part->wire = wire;
  return *parts_.emplace_back(std::move(part));
}

Part& MessageEdit::only(std::uint32_t number, Wire wire) {
  Part* kept = find(number);
  if (!kept) return make(number, wire);
  std::erase_if(parts_, [&](const auto& p) { return p->number == number && p.get() != kept; });
  kept->whole = {};
  kept->content = {};
  kept->own.clear();
  kept->message.reset();
  kept->wire = wire;
  return *kept;
}

namespace {

void write_integer(Part& p, std::int64_t value) {
  put_tag(p.own, p.number, Wire::varint);
  put_varint(p.own, static_cast<std::uint64_t>(value));
}

void write_bytes(Part& p, Bytes value) {
  put_tag(p.own, p.number, Wire::length);
  put_varint(p.own, value.size());
  put(p.own, value);
  p.content = Bytes(p.own).last(value.size());
}

}  // namespace

void MessageEdit::set_integer(std::uint32_t number, std::int64_t value) { write_integer(only(number, Wire::varint), value); }
void MessageEdit::set_bytes(std::uint32_t number, Bytes value) { write_bytes(only(number, Wire::length), value); }
void MessageEdit::set_text(std::uint32_t number, std::string_view value) { set_bytes(number, bytes_of(value)); }

Part& MessageEdit::add_integer(std::uint32_t number, std::int64_t value) {
  Part& p = make(number, Wire::varint);
  write_integer(p, value);
  return p;
}

Part& MessageEdit::add_bytes(std::uint32_t number, Bytes value) {
  Part& p = make(number, Wire::length);
  write_bytes(p, value);
  return p;
}

Part& MessageEdit::add_text(std::uint32_t number, std::string_view value) { return add_bytes(number, bytes_of(value)); }

Part& MessageEdit::add_float(std::uint32_t number, float value) {
  Part& p = make(number, Wire::fixed32);
  put_tag(p.own, number, Wire::fixed32);
  put(p.own, std::as_bytes(std::span(&value, 1)));
  return p;
}

MessageEdit& MessageEdit::add_message(std::uint32_t number) { return open(make(number, Wire::length)); }

void MessageEdit::set_texts(std::uint32_t number, const std::vector<std::string>& values) {
  auto first = std::ranges::find_if(parts_, [&](const auto& p) { return p->number == number; });
  auto at = first == parts_.end() ? std::ptrdiff_t{0} : first - parts_.begin();
  remove(number);
  for (const std::string& value : values) {
    auto part = std::make_unique<Part>();
    part->number = number;
    write_bytes(*part, bytes_of(value));
    parts_.insert(parts_.begin() + at++, std::move(part));
  }
}

std::string MessageEdit::text(std::uint32_t number) {
  const auto found = all(number);
  return found.empty() ? std::string() : std::string(found.back()->text());
}

std::vector<std::byte> MessageEdit::encode() const {
  std::vector<std::byte> out;
  for (const auto& part : parts_) {
    if (part->message) {
      const std::vector<std::byte> inner = part->message->encode();
      // Opened to look inside, and left alone: also its length keeps its spelling.
      if (!part->whole.empty() && std::ranges::equal(inner, part->content)) {
        put(out, part->whole);
        continue;
      }
      put_tag(out, part->number, Wire::length);
      put_varint(out, inner.size());
      put(out, inner);
    } else {
      put(out, part->own.empty() ? part->whole : Bytes(part->own));
    }
  }
  return out;
}

}  // namespace qgraph::formats::onnx
