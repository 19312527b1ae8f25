// The formats that are built in, and which of them a file is. Bytes decide; the file's ending only where they are silent.
#include <algorithm>
#include <cctype>
#include <string>

#include "formats/format.hpp"
#include "formats/other_files.hpp"

namespace qgraph {

namespace formats {
extern const Format* const list[];
extern const std::size_t list_size;
}  // namespace formats

std::span<const Format* const> all_formats() noexcept { return {formats::list, formats::list_size}; }

const Format* find_format(std::string_view name) noexcept {
  const auto formats = all_formats();
  const auto found = std::ranges::find(formats, name, [](const Format* f) { return f->name; });
  return found == formats.end() ? nullptr : *found;
}

bool has_extension(const Format& format, std::string_view extension) noexcept {
  std::string_view list = format.extensions;
  while (!list.empty() && !extension.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == extension) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

const Format* sniff(std::span<const std::byte> bytes, const std::filesystem::path& path, diagnose::Findings* findings) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });

  const Format* best = nullptr;
  int best_sureness = 0;
  for (const Format* f : all_formats()) {
    const int sureness = f->sniff ? f->sniff(bytes, extension) : 0;
    if (sureness > best_sureness) {
      best = f;
      best_sureness = sureness;
    }
  }
  if (best_sureness >= 2) return best;
  // An ending alone is believed only where the bytes are no well-known other thing.
  std::optional<diagnose::Finding> other = formats::other_kind_of_file(bytes);
  if (!other && best) return best;
  if (findings) findings->add(other ? std::move(*other) : formats::not_recognised(bytes, extension));
  return nullptr;
}

}  // namespace qgraph
