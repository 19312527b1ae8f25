// The file: a header, a table of entries, and their bytes. Nothing in it is trusted before it was checked.
#include "runtime/packed_cache.hpp"

#include <cstring>

#include "core/atomic_file.hpp"
#include "core/mapped_file.hpp"
#include "runtime/memory.hpp"

namespace qgraph::runtime {
namespace {

constexpr char magic[8] = {'q', 'g', 'p', 'a', 'c', 'k', 'e', 'd'};
constexpr std::uint32_t version = 1, byte_order = 0x01020304;
/// Larger files are not read; entries that were not used are not kept beyond it.
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 32;

struct Header {
  char magic[8] = {};
  std::uint32_t version = 0, byte_order = 0;
  std::uint64_t file_bytes = 0, entries = 0;
  Hash128 table{};  ///< of the table of entries, with both numbers above
};
struct Row {
  Hash128 key{};
  std::uint64_t offset = 0, bytes = 0;
  Hash128 checksum{};
};
static_assert(sizeof(Header) == 48 && sizeof(Row) == 48);

constexpr std::uint64_t rounded(std::uint64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

Hash128 table_hash(const Header& header, std::span<const std::byte> table) {
  const std::uint64_t numbers[2] = {header.file_bytes, header.entries};
  return hash128(table, hash128(std::as_bytes(std::span(numbers))).low);
}

}  // namespace

PackedKey::PackedKey(std::string_view family, std::string_view row, int layout) {
  add(std::as_bytes(std::span(family)));
  add(std::as_bytes(std::span(row)));
  add(layout);
}

void PackedKey::add(std::span<const std::byte> bytes) {
  const Hash128 next = hash128(bytes, hash_.low);
  const std::uint64_t both[3] = {hash_.high, next.low, next.high};
  hash_ = hash128(std::as_bytes(std::span(both)));
}

std::optional<PackedBytes> packed_zeros(std::size_t bytes) {
  const auto memory = std::make_shared<Memory>();
  if (!memory->reserve(bytes)) return std::nullopt;
  std::memset(memory->data(), 0, bytes);
  return PackedBytes{memory, {memory->data(), bytes}};
}

PackedCache::PackedCache(std::filesystem::path file) : file_(std::move(file)) { read(); }

void PackedCache::read() {
  const auto mapped = map_file(file_, most_bytes);
  if (!mapped) return;
  const std::span<const std::byte> all = mapped->bytes;
  Header header;
  if (all.size() < sizeof(header)) return;
  std::memcpy(&header, all.data(), sizeof(header));
  if (std::memcmp(header.magic, magic, sizeof(magic)) != 0) return;
  if (header.version != version || header.byte_order != byte_order) return;
  if (header.file_bytes != all.size() || header.entries > (all.size() - sizeof(header)) / sizeof(Row)) return;
  const auto table = all.subspan(sizeof(header), static_cast<std::size_t>(header.entries) * sizeof(Row));
  if (table_hash(header, table) != header.table) return;
  for (std::size_t at = 0; at < table.size(); at += sizeof(Row)) {
    Row row;
    std::memcpy(&row, table.data() + at, sizeof(row));
    if (row.offset % alignment != 0 || row.offset > all.size() || row.bytes > all.size() - row.offset ||
        all.size() - row.offset - row.bytes < slack) {
      entries_.clear();
      return;
    }
    entries_[row.key] = {
        .packed = {mapped->owner, all.subspan(static_cast<std::size_t>(row.offset), static_cast<std::size_t>(row.bytes))},
        .checksum = row.checksum,
        .stored = true};
  }
}

std::optional<PackedBytes> PackedCache::find(const Hash128& key, std::size_t bytes) {
  const auto at = entries_.find(key);
  if (at == entries_.end()) return std::nullopt;
  Entry& entry = at->second;
  entry.checked = entry.checked || hash128(entry.packed.bytes) == entry.checksum;
  if (!entry.checked || entry.packed.bytes.size() != bytes) {
    entries_.erase(at);
    changed_ = true;
    return std::nullopt;
  }
  if (entry.stored && !entry.used) found_bytes_ += bytes;
  entry.used = true;
  return entry.packed;
}

void PackedCache::add(const Hash128& key, PackedBytes packed) {
  const Hash128 checksum = hash128(packed.bytes);
  entries_[key] = {.packed = std::move(packed), .checksum = checksum, .checked = true, .used = true};
  changed_ = true;
}

void PackedCache::save() {
  if (!changed_) return;
  changed_ = false;
  std::uint64_t used = 0, all = 0;
  for (const auto& [key, entry] : entries_) {
    const std::uint64_t bytes = sizeof(Row) + rounded(entry.packed.bytes.size() + slack);
    all += bytes;
    if (entry.used) used += bytes;
  }
  const bool keeps_unused = all <= most_bytes / 2;
  if (!keeps_unused && used > most_bytes / 2) return;
  std::vector<Row> rows;
  std::vector<const Entry*> kept;
  for (const auto& [key, entry] : entries_) {
    // What no Session has used since it was read is passed on only where it is sound.
    if (!entry.used && (!keeps_unused || hash128(entry.packed.bytes) != entry.checksum)) continue;
    rows.push_back({.key = key, .bytes = entry.packed.bytes.size(), .checksum = entry.checksum});
    kept.push_back(&entry);
  }
  std::uint64_t end = rounded(sizeof(Header) + rows.size() * sizeof(Row));
  for (Row& row : rows) {
    row.offset = end;
    end += rounded(row.bytes + slack);
  }
  std::vector<std::byte> file(static_cast<std::size_t>(end));
  Header header{.version = version, .byte_order = byte_order, .file_bytes = end, .entries = rows.size()};
  std::memcpy(header.magic, magic, sizeof(magic));
  header.table = table_hash(header, std::as_bytes(std::span(rows)));
  std::memcpy(file.data(), &header, sizeof(header));
  if (!rows.empty()) std::memcpy(file.data() + sizeof(header), rows.data(), rows.size() * sizeof(Row));
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::memcpy(file.data() + rows[i].offset, kept[i]->packed.bytes.data(), kept[i]->packed.bytes.size());
  (void)write_atomically(file_, file);
}

}  // namespace qgraph::runtime
