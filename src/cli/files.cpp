// Files of the command line.
#include "cli/files.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "diagnose/render.hpp"
#include "formats/format.hpp"

namespace qgraph::cli {
namespace {

namespace fs = std::filesystem;

bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

bool is_model(const fs::path& file) {
  const std::string ending = file.extension().string();
  for (const Format* format : all_formats()) {
    if (ending.empty() || !has_word(format->extensions, ending)) continue;
    if (ending != ".json") return true;
    std::ifstream in(file, std::ios::binary);
    std::vector<char> head(1U << 16);
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(in.gcount()));
    return format->sniff && format->sniff(std::as_bytes(std::span<const char>(head)), ending) >= 2;
  }
  return false;
}

}  // namespace

bool can_open(const fs::path& file) {
  std::error_code error;
  if (fs::is_directory(file, error)) {
    std::fprintf(stderr, "qgraph: '%s' is a directory\n", file.c_str());
    return false;
  }
  if (std::FILE* f = std::fopen(file.c_str(), "rb")) {
    std::fclose(f);
    return true;
  }
  std::fprintf(stderr, "qgraph: cannot open '%s': %s\n", file.c_str(), std::strerror(errno));
  return false;
}

std::optional<std::vector<fs::path>> models_at(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    if (!can_open(path)) return std::nullopt;
    return std::vector{path};
  }
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && is_model(it->path())) files.push_back(it->path());
  }
  if (error) {
    std::fprintf(stderr, "qgraph: cannot list '%s': %s\n", path.c_str(), error.message().c_str());
    return std::nullopt;
  }
  std::ranges::sort(files);
  return files;
}

bool write_file(const fs::path& file, std::span<const std::byte> bytes) {
  fs::path beside = file;
  beside += ".part" + std::to_string(::getpid());
  std::error_code error;
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) error = std::make_error_code(std::errc::io_error);
  }
  if (!error) fs::rename(beside, file, error);
  if (!error) return true;
  std::fprintf(stderr, "qgraph: cannot write '%s': %s\n", file.c_str(), error.message().c_str());
  fs::remove(beside, error);
  return false;
}

bool make_directory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (!error && fs::is_directory(directory, error)) return true;
  std::fprintf(stderr, "qgraph: cannot make the directory '%s': %s\n", directory.c_str(), error.message().c_str());
  return false;
}

bool colour_on(int descriptor) {
  const char* off = std::getenv("NO_COLOR");
  return (!off || !*off) && ::isatty(descriptor) == 1;
}

void print_errors(const Report& report) {
  const std::string text = diagnose::render_text(report, {.colour = colour_on(STDERR_FILENO)});
  std::fprintf(stderr, "%s\n%s: %s\n", text.c_str(), report.model.c_str(), report.summary().c_str());
}

}  // namespace qgraph::cli
