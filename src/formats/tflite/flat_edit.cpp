// Tables copied, vectors appended, offsets redirected.
#include "formats/tflite/flat_edit.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace qgraph::formats::tflite {
namespace {

std::size_t size_of(const reflection::Field& f) {
  const std::size_t scalar = scalar_size(f.type()->base_type());
  return scalar ? scalar : 4;
}
bool leads_elsewhere(const reflection::Field& f) { return scalar_size(f.type()->base_type()) == 0; }

const reflection::Object& object_at(std::int32_t index) {
  return *reflected_schema().objects()->Get(static_cast<flatbuffers::uoffset_t>(index));
}

}  // namespace

void FlatEdit::align(std::size_t alignment, std::size_t offset) {
  while ((bytes_.size() + offset) % alignment != 0) bytes_.push_back(std::byte{0});
}

void FlatEdit::redirect(std::size_t slot, std::size_t to) {
  if (to <= slot || to - slot >= (std::size_t{1} << 31)) return fail("the file is too large for an offset to what was added");
  write(slot, static_cast<std::uint32_t>(to - slot));
}

const reflection::Field* FlatEdit::known_field(TableRef t, std::string_view name) {
  const reflection::Field* f = t.type ? field_of(*t.type, name) : nullptr;
  if (!f) fail(fmt::format("the schema has no field '{}' there", name));
  return f;
}

std::size_t FlatEdit::field(TableRef t, std::string_view name) const {
  const reflection::Field* f = t.type ? field_of(*t.type, name) : nullptr;
  if (!f) return 0;
  const std::size_t table = at(t), vtable = table - static_cast<std::size_t>(std::int64_t{read<std::int32_t>(table)});
  if (f->offset() >= read<std::uint16_t>(vtable)) return 0;
  const std::uint16_t within = read<std::uint16_t>(vtable + f->offset());
  return within ? table + within : 0;
}

std::size_t FlatEdit::ensure(TableRef t, std::string_view name) {
  if (const std::size_t stored = field(t, name)) return stored;
  const reflection::Field* f = known_field(t, name);
  if (!f || !error_.empty()) return 0;
  if (t.slot == 0) {
    reroot(f, false);
  } else {
    redirect(t.slot, copy_table(*t.type, at(t), f, {}));
  }
  return field(t, name);
}

std::int64_t FlatEdit::integer(TableRef t, std::string_view name) const {
  const reflection::Field* f = t.type ? field_of(*t.type, name) : nullptr;
  if (!f) return 0;
  const std::size_t stored = field(t, name);
  if (!stored) return f->default_integer();
  switch (f->type()->base_type()) {
    case reflection::Byte: return read<std::int8_t>(stored);
    case reflection::Short: return read<std::int16_t>(stored);
    case reflection::UShort: return read<std::uint16_t>(stored);
    case reflection::Int: return read<std::int32_t>(stored);
    case reflection::UInt: return read<std::uint32_t>(stored);
    case reflection::Long:
    case reflection::ULong: return read<std::int64_t>(stored);
    default: return read<std::uint8_t>(stored);
  }
}

void FlatEdit::set_integer(TableRef t, std::string_view name, std::int64_t value) {
  if (!field(t, name) && integer(t, name) == value) return;
  const std::size_t stored = ensure(t, name);
  if (!stored) return;
  switch (scalar_size(field_of(*t.type, name)->type()->base_type())) {
    case 1: return write(stored, static_cast<std::int8_t>(value));
    case 2: return write(stored, static_cast<std::int16_t>(value));
    case 4: return write(stored, static_cast<std::int32_t>(value));
    case 8: return write(stored, value);
    default: return fail(fmt::format("the field '{}' is no number", name));
  }
}

void FlatEdit::set_float(TableRef t, std::string_view name, double value) {
  const std::size_t stored = ensure(t, name);
  if (!stored) return;
  if (field_of(*t.type, name)->type()->base_type() == reflection::Float)
    write(stored, static_cast<float>(value));
  else
    write(stored, value);
}

TableRef FlatEdit::child(TableRef t, std::string_view name) const {
  const reflection::Field* f = t.type ? field_of(*t.type, name) : nullptr;
  const std::size_t slot = field(t, name);
  if (!f || !slot) return {};
  if (f->type()->base_type() == reflection::Obj) return {&object_at(f->type()->index()), slot};
  if (f->type()->base_type() != reflection::Union) return {};
  const reflection::Enum& types = *reflected_schema().enums()->Get(static_cast<flatbuffers::uoffset_t>(f->type()->index()));
  return {union_member(types, integer(t, std::string(name) + "_type")), slot};
}

std::size_t FlatEdit::count(TableRef t, std::string_view vector) const {
  const std::size_t slot = field(t, vector);
  return slot ? read<std::uint32_t>(target(slot)) : 0;
}

TableRef FlatEdit::item(TableRef t, std::string_view vector, std::size_t i) const {
  const std::size_t slot = field(t, vector);
  if (!slot || i >= count(t, vector)) return {};
  return {&object_at(field_of(*t.type, vector)->type()->index()), target(slot) + 4 + 4 * i};
}

std::size_t FlatEdit::append_vector(std::span<const std::byte> elements, std::size_t count, std::size_t alignment) {
  align(std::max<std::size_t>(alignment, 4), 4);
  const std::size_t at = bytes_.size();
  bytes_.resize(at + 4 + elements.size());
  write(at, static_cast<std::uint32_t>(count));
  if (!elements.empty()) std::memcpy(bytes_.data() + at + 4, elements.data(), elements.size());
  return at;
}

std::size_t FlatEdit::append_string(std::string_view s) {
  const std::string kept(s);  // it may lie in our own bytes
  const std::size_t at = append_vector(std::as_bytes(std::span(kept)), kept.size(), 4);
  bytes_.push_back(std::byte{0});
  return at;
}

std::size_t FlatEdit::append_empty_table() {
  std::vector<std::size_t> places;
  return lay_out({}, places);
}

std::vector<FlatEdit::Slot> FlatEdit::slots(const reflection::Object& type, std::size_t table) {
  const std::size_t vtable = table - static_cast<std::size_t>(std::int64_t{read<std::int32_t>(table)});
  const std::uint16_t vtable_size = read<std::uint16_t>(vtable);
  std::vector<Slot> out;
  for (std::uint16_t id = 4; id + 2 <= vtable_size; id = static_cast<std::uint16_t>(id + 2)) {
    const std::uint16_t within = read<std::uint16_t>(vtable + id);
    if (within) out.push_back({id, 0, table + within, nullptr});
  }
  for (const reflection::Field* f : *type.fields())
    for (Slot& s : out)
      if (s.id_offset == f->offset()) {
        s.known = f;
        s.size = size_of(*f);
      }
  // A field of a newer schema: its size is the room up to its neighbour. Whether it is a number or an offset is not known; one
  // that could be an offset cannot be moved.
  const std::size_t end = table + read<std::uint16_t>(vtable + 2);
  for (Slot& s : out) {
    if (s.known) continue;
    std::size_t next = std::max(end, s.from + 1);
    for (const Slot& o : out)
      if (o.from > s.from) next = std::min(next, o.from);
    const std::size_t room = next - s.from;
    s.size = room >= 8 && s.from % 8 == 0 ? 8 : room >= 4 ? 4 : room >= 2 ? 2 : 1;
    if (s.size >= 4 && s.from % 4 == 0) {
      const std::size_t maybe = s.from + read<std::uint32_t>(s.from);
      if (maybe > s.from && maybe % 4 == 0 && maybe + 4 <= bytes_.size())
        fail("a table that must grow has a field of a newer schema that may be an offset");
    }
  }
  // No verifier looks at the fields of a newer schema.
  for (const Slot& s : out)
    if (s.from > bytes_.size() || s.size > bytes_.size() - s.from) {
      fail("a table that must grow has a field outside of the file");
      return {};
    }
  return out;
}

std::size_t FlatEdit::lay_out(std::vector<Slot> fields, std::vector<std::size_t>& places) {
  std::uint16_t last = 2;
  for (const Slot& s : fields) last = std::max(last, s.id_offset);
  const std::size_t vtable_size = last + 2U;
  std::vector<std::size_t> order(fields.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return fields[a].size > fields[b].size; });

  align(8);
  const std::size_t vtable = bytes_.size();
  bytes_.resize(vtable + vtable_size);
  align(8);
  const std::size_t table = bytes_.size();
  // The largest fields begin at 8, behind the offset of the vtable.
  std::size_t within = !fields.empty() && fields[order[0]].size == 8 ? 8 : 4;
  places.assign(fields.size(), 0);
  for (const std::size_t i : order) {
    places[i] = table + within;
    within += fields[i].size;
  }
  bytes_.resize(table + within);
  write(vtable, static_cast<std::uint16_t>(vtable_size));
  write(vtable + 2, static_cast<std::uint16_t>(within));
  write(table, static_cast<std::int32_t>(table - vtable));
  for (std::size_t i = 0; i < fields.size(); ++i) {
    write(vtable + fields[i].id_offset, static_cast<std::uint16_t>(places[i] - table));
    if (fields[i].from && !(fields[i].known && leads_elsewhere(*fields[i].known)))
      std::memcpy(bytes_.data() + places[i], bytes_.data() + fields[i].from, fields[i].size);
  }
  return table;
}

std::size_t FlatEdit::copy_table(const reflection::Object& type, std::size_t table, const reflection::Field* extra,
                                 std::span<const std::string_view> without) {
  if (++depth_ > 64) fail("tables nest too deep");
  if (!error_.empty()) return table;
  std::vector<Slot> fields = slots(type, table);
  std::erase_if(fields, [&](const Slot& s) {
    return s.known &&
           std::ranges::find(without, std::string_view(s.known->name()->c_str(), s.known->name()->size())) != without.end();
  });
  const std::vector<Slot> stored = fields;
  if (extra) fields.push_back({extra->offset(), size_of(*extra), 0, extra});
  std::vector<std::size_t> places;
  const std::size_t copy = lay_out(fields, places);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const reflection::Field* f = stored[i].known;
    if (f && leads_elsewhere(*f)) redirect(places[i], copy_target(type, table, *f, target(stored[i].from)));
  }
  // An offset that leads nowhere yet is given a target by the caller at once.
  --depth_;
  return copy;
}

std::size_t FlatEdit::copy_target(const reflection::Object& type, std::size_t table, const reflection::Field& f, std::size_t to) {
  switch (f.type()->base_type()) {
    case reflection::String:
      return append_string({reinterpret_cast<const char*>(bytes_.data() + to + 4), read<std::uint32_t>(to)});
    case reflection::Vector: return copy_vector(*f.type(), to);
    case reflection::Obj: return copy_table(object_at(f.type()->index()), to, nullptr, {});
    case reflection::Union: {
      const reflection::Field* tag = field_of(type, f.name()->str() + "_type");
      const reflection::Enum& types = *reflected_schema().enums()->Get(static_cast<flatbuffers::uoffset_t>(f.type()->index()));
      const std::size_t vtable = table - static_cast<std::size_t>(std::int64_t{read<std::int32_t>(table)});
      const std::uint16_t within =
          tag && tag->offset() < read<std::uint16_t>(vtable) ? read<std::uint16_t>(vtable + tag->offset()) : 0;
      const reflection::Object* member = within ? union_member(types, read<std::uint8_t>(table + within)) : nullptr;
      if (member) return copy_table(*member, to, nullptr, {});
      fail("a table that must grow has options of a newer schema");
      return to;
    }
    default: return to;
  }
}

std::size_t FlatEdit::copy_vector(const reflection::Type& type, std::size_t vector) {
  const std::size_t n = read<std::uint32_t>(vector);
  const std::size_t scalar = scalar_size(type.element());
  if (scalar) {
    const std::vector<std::byte> elements(bytes_.begin() + static_cast<std::ptrdiff_t>(vector + 4),
                                          bytes_.begin() + static_cast<std::ptrdiff_t>(vector + 4 + n * scalar));
    // Vectors of bytes may be forced to lie aligned (buffers, custom quantization): 16 serves all.
    return append_vector(elements, n, scalar == 1 ? 16 : scalar);
  }
  const std::size_t copy = append_vector(std::vector<std::byte>(n * 4), n, 4);
  for (std::size_t i = 0; i < n && error_.empty(); ++i) {
    const std::size_t to = target(vector + 4 + 4 * i);
    redirect(copy + 4 + 4 * i,
             type.element() == reflection::String
                 ? append_string({reinterpret_cast<const char*>(bytes_.data() + to + 4), read<std::uint32_t>(to)})
                 : copy_table(object_at(type.index()), to, nullptr, {}));
  }
  return copy;
}

void FlatEdit::remove(TableRef t, std::span<const std::string_view> names) {
  if (std::ranges::none_of(names, [&](std::string_view n) { return field(t, n) != 0; })) return;
  redirect(t.slot, copy_table(*t.type, at(t), nullptr, names));
}

void FlatEdit::unshare(TableRef t) { redirect(t.slot, copy_table(*t.type, at(t), nullptr, {})); }

TableRef FlatEdit::append_item(TableRef t, std::string_view vector) {
  const std::size_t old_slot = field(t, vector);
  const std::size_t n = count(t, vector);
  const std::size_t slot = ensure(t, vector);
  if (!slot) return {};
  const std::size_t grown = append_vector(std::vector<std::byte>((n + 1) * 4), n + 1, 4);
  if (old_slot) {
    const reflection::Type& type = *field_of(*t.type, vector)->type();
    const std::size_t old = target(old_slot);
    for (std::size_t i = 0; i < n && error_.empty(); ++i)
      redirect(grown + 4 + 4 * i, copy_table(object_at(type.index()), target(old + 4 + 4 * i), nullptr, {}));
  }
  redirect(grown + 4 + 4 * n, append_empty_table());
  redirect(slot, grown);
  return item(t, vector, n);
}

}  // namespace qgraph::formats::tflite
