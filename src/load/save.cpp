// save(): the format by the file's ending, the file by write_atomically.
#include "qgraph/save.hpp"

#include <spdlog/fmt/fmt.h>

#include "core/atomic_file.hpp"
#include "formats/format.hpp"

namespace qgraph {
Status save(const Model& model, const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  std::string known;
  for (const Format* format : all_formats()) {
    if (!format->write) continue;
    if (has_extension(*format, extension)) {
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
