// Files for tests: whole contents, sorted listings, a scratch folder.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace qgraph::test {

/// The folder tests/ of the source tree.
const std::filesystem::path& tests_folder();
std::string read_text(const std::filesystem::path& file);
std::vector<std::byte> read_bytes(const std::filesystem::path& file);
/// Files (not folders) with this extension in a folder, sorted; with `recursive` also below it.
std::vector<std::filesystem::path> list_files(const std::filesystem::path& folder, const std::string& extension,
                                              bool recursive = false);
/// A new empty folder, removed when the object goes.
class ScratchFolder {
 public:
  ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};
std::vector<std::byte> from_base64(const std::string& text);

}  // namespace qgraph::test
