// Files for tests: whole contents, sorted listings, a scratch folder.
#include "support/files.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>

namespace qgraph::test {

const std::filesystem::path& tests_folder() {
  static const std::filesystem::path folder = QGRAPH_TESTS_FOLDER;
  return folder;
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::byte> read_bytes(const std::filesystem::path& file) {
  const std::string text = read_text(file);
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

std::vector<std::filesystem::path> list_files(const std::filesystem::path& folder, const std::string& extension, bool recursive) {
  std::vector<std::filesystem::path> files;
  const auto take = [&](const std::filesystem::directory_entry& entry) {
    if (entry.is_regular_file() && entry.path().extension() == extension) files.push_back(entry.path());
  };
  if (std::filesystem::is_directory(folder)) {
    if (recursive)
      std::ranges::for_each(std::filesystem::recursive_directory_iterator(folder), take);
    else
      std::ranges::for_each(std::filesystem::directory_iterator(folder), take);
  }
  std::ranges::sort(files);
  return files;
}

ScratchFolder::ScratchFolder() {
  std::random_device random;
  do path_ = std::filesystem::temp_directory_path() / ("qgraph-test-" + std::to_string(random()));
  while (!std::filesystem::create_directory(path_));
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::byte> from_base64(const std::string& text) {
  static const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::byte> bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const auto value = digits.find(c);
    if (value == std::string::npos) throw std::runtime_error("not base64");
    bits = (bits << 6 | static_cast<unsigned>(value)) & 0xFFFFFF;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<std::byte>(bits >> count & 0xFF));
    }
  }
  return bytes;
}

}  // namespace qgraph::test
