// Packed weights in a file, so that the next process need not pack them: SessionOptions::packed_weights_cache.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/hash.hpp"
#include "qgraph/tensor.hpp"

namespace qgraph::runtime {

/// What packed bytes depend on: what packs, for which kernel, and all that it reads.
class PackedKey {
 public:
  /// `layout` is the number of the layout in which this family packs: another one whenever it changes.
  PackedKey(std::string_view family, std::string_view row, int layout);
  void add(std::int64_t number) { add({reinterpret_cast<const std::byte*>(&number), sizeof(number)}); }
  void add(std::span<const std::byte> bytes);
  template <class T>
  void add_array(const T* values, std::size_t count) {
    add({reinterpret_cast<const std::byte*>(values), count * sizeof(T)});
  }
  Hash128 hash() const noexcept { return hash_; }

 private:
  Hash128 hash_{};
};

/// Bytes at a multiple of 64, with 64 that may be read behind them.
struct PackedBytes {
  std::shared_ptr<const void> owner{};
  std::span<const std::byte> bytes{};
};

/// For one Session: not to be used from several threads. Entries of a file that is damaged, or that another version or machine
/// wrote, are as good as not there; save() then writes another.
class PackedCache {
 public:
  explicit PackedCache(std::filesystem::path file);
  std::optional<PackedBytes> find(const Hash128& key, std::size_t bytes);
  void add(const Hash128& key, PackedBytes packed);
  /// Writes the file where something was added; a file that cannot be written is left as it is.
  void save();
  /// Bytes that were found in the file.
  std::uint64_t found_bytes() const noexcept { return found_bytes_; }

 private:
  struct Entry {
    PackedBytes packed{};
    Hash128 checksum{};
    bool checked = false;  ///< the bytes have this checksum
    bool used = false;
    bool stored = false;
  };
  void read();

  std::filesystem::path file_;
  std::map<Hash128, Entry> entries_{};
  std::uint64_t found_bytes_ = 0;
  bool changed_ = false;
};

/// Zeros to pack into.
std::optional<PackedBytes> packed_zeros(std::size_t bytes);

/// Of the cache or, where it has none or there is no cache, as make(memory) fills zeros. Nothing: make() said no, or there is no
/// memory.
template <class Make>
std::optional<PackedBytes> packed_bytes(PackedCache* cache, const PackedKey& key, std::size_t bytes, const Make& make) {
  if (cache)
    if (auto found = cache->find(key.hash(), bytes)) return found;
  auto packed = packed_zeros(bytes);
  if (!packed || !make(const_cast<std::byte*>(packed->bytes.data()))) return std::nullopt;
  if (cache) cache->add(key.hash(), *packed);
  return packed;
}

}  // namespace qgraph::runtime
