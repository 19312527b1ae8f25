// save(): the format by the file's ending, the file by write_atomically.
#include "qgraph/save.hpp"

#include <spdlog/fmt/fmt.h>

#include "core/atomic_file.hpp"
#include "formats/format.hpp"

namespace qgraph {
namespace {

/// Is `extension` one of the blank-separated `list`?
bool has_extension(std::string_view list, std::string_view extension) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == extension) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

}  // namespace

Status save(const Model& model, const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  std::string known;
  for (const Format* format : all_formats()) {
    if (!format->write) continue;
    if (!extension.empty() && has_extension(format->extensions, extension)) {
      Result<std::vector<std::byte>> bytes = format->write(model);
      if (!bytes) return std::move(bytes).error();
      return write_atomically(file, *bytes);
    }
    known += known.empty() ? "" : " ";
    known += format->extensions;
  }
  return failure("QG1502", Cause::unreadable_file,
                 fmt::format("'{}' does not end as a format that can be written: {}", file.string(), known));
}

}  // namespace qgraph
