// A new root table in front of a flatbuffer: the one table that cannot be made anew at the end.
#include <algorithm>

#include "formats/tflite/flat_edit.hpp"

namespace qgraph::formats::tflite {

std::uint32_t FlatEdit::append_buffer() {
  const auto index = static_cast<std::uint32_t>(count(root(), "buffers"));
  reroot(field(root(), "buffers") ? nullptr : field_of(*root().type, "buffers"), true);
  const TableRef added = item(root(), "buffers", index);
  if (added.slot) redirect(added.slot, append_empty_table());
  return index;
}

void FlatEdit::shift_external(std::size_t by) {
  const auto shift = [&](TableRef t, std::string_view name) {
    const std::size_t stored = field(t, name);
    if (stored && read<std::uint64_t>(stored) > 1) write(stored, read<std::uint64_t>(stored) + by);
  };
  for (std::size_t b = 0; b < count(root(), "buffers"); ++b)
    if (const TableRef t = item(root(), "buffers", b); read<std::uint32_t>(t.slot) != 0) shift(t, "offset");
  for (std::size_t g = 0; g < count(root(), "subgraphs"); ++g) {
    const TableRef graph = item(root(), "subgraphs", g);
    for (std::size_t n = 0; n < count(graph, "operators"); ++n) shift(item(graph, "operators", n), "large_custom_options_offset");
  }
}

void FlatEdit::reroot(const reflection::Field* extra, bool one_more_buffer) {
  const reflection::Object& type = *root().type;
  const std::size_t old_root = target(0), buffers = count(root(), "buffers");
  const std::size_t old_buffers = field(root(), "buffers") ? target(field(root(), "buffers")) : 0;
  std::vector<Slot> fields = slots(type, old_root);
  if (extra) fields.push_back({extra->offset(), scalar_size(extra->type()->base_type()), 0, extra});
  if (extra && fields.back().size == 0) fields.back().size = 4;
  if (!error_.empty()) return;

  // The front part is built by itself, then everything that was there follows, moved as a whole.
  FlatEdit front(std::span<const std::byte>(bytes_).first(8));
  std::vector<Slot> detached = fields;
  for (Slot& s : detached) s.from = 0;
  std::vector<std::size_t> places;
  const std::size_t table = front.lay_out(detached, places);
  front.redirect(0, table);
  const std::size_t vector = one_more_buffer ? front.append_vector(std::vector<std::byte>((buffers + 1) * 4), buffers + 1, 4) : 0;
  front.align(64);
  const std::size_t by = front.bytes().size();
  const std::vector<std::byte> old = std::move(bytes_);
  bytes_ = std::move(front.bytes());
  bytes_.insert(bytes_.end(), old.begin(), old.end());

  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].from == 0) continue;
    const std::size_t from = fields[i].from + by;
    if (fields[i].known && scalar_size(fields[i].known->type()->base_type()) == 0)
      redirect(places[i], target(from));
    else
      std::memcpy(bytes_.data() + places[i], bytes_.data() + from, fields[i].size);
  }
  if (one_more_buffer) {
    for (std::size_t b = 0; b < buffers; ++b) redirect(vector + 4 + 4 * b, target(old_buffers + by + 4 + 4 * b));
    redirect(field(root(), "buffers"), vector);
  }
  shift_external(by);
}

}  // namespace qgraph::formats::tflite
