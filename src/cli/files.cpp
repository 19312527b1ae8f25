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

#include "core/atomic_file.hpp"
#include "diagnose/render.hpp"
#include "formats/format.hpp"

namespace qgraph::cli {
namespace {

namespace fs = std::filesystem;

bool is_model(const fs::path& file) {
  const std::string ending = file.extension().string();
  for (const Format* format : all_formats()) {
    if (!has_extension(*format, ending)) continue;
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
  const Status written = write_atomically(file, bytes);
  if (!written) std::fprintf(stderr, "qgraph: %s\n", written.error().diagnostics[0].headline.c_str());
  return written.ok();
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
