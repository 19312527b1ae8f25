// Temporary file, fsync, rename, and fsync of the folder.
#include "core/atomic_file.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#if defined(_WIN32)
#include <fstream>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace qgraph {
namespace {

Report trouble(const std::filesystem::path& target, std::string_view what, std::string_view reason) {
  return failure("QG1501", Cause::unreadable_file, fmt::format("'{}' cannot be written: {}: {}", target.string(), what, reason));
}

}  // namespace

#if defined(_WIN32)

Status write_atomically(const std::filesystem::path& target, std::span<const std::byte> bytes) {
  std::filesystem::path temporary = target;
  temporary += ".part";
  std::error_code error;
  {
    std::ofstream out(temporary, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) {
      out.close();
      std::filesystem::remove(temporary, error);
      return trouble(target, "write", "the disk is full or the folder cannot be written");
    }
  }
  std::filesystem::rename(temporary, target, error);
  if (!error) return Done{};
  const std::string reason = error.message();
  std::filesystem::remove(temporary, error);
  return trouble(target, "rename", reason);
}

#else

Status write_atomically(const std::filesystem::path& given, std::span<const std::byte> bytes) {
  std::error_code ignored;
  const std::filesystem::path target =
      std::filesystem::is_symlink(given, ignored) ? std::filesystem::weakly_canonical(given, ignored) : given;
  std::string temporary;
  int file = -1;
  for (int i = 0; i < 100 && file < 0; ++i) {
    temporary = target.string() + '.' + std::to_string(::getpid()) + '-' + std::to_string(i) + ".part";
    file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0 && errno != EEXIST) break;
  }
  if (file < 0) return trouble(given, "create", std::strerror(errno));
  const auto give_up = [&](std::string_view what) -> Status {
    const int reason = errno;
    ::close(file);
    ::unlink(temporary.c_str());
    return trouble(given, what, std::strerror(reason));
  };
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(file, bytes.data() + done, std::min<std::size_t>(bytes.size() - done, std::size_t{1} << 30));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return give_up("write");
    done += static_cast<std::size_t>(n);
  }
  struct stat old {};
  if (::stat(target.c_str(), &old) == 0 && ::fchmod(file, old.st_mode & 0777U) != 0) return give_up("permissions");
  if (::fsync(file) != 0) return give_up("sync");
  if (::rename(temporary.c_str(), target.c_str()) != 0) return give_up("rename");
  ::close(file);
  // The new name is only safe from a power cut when the folder is on disk too. Some file systems cannot sync folders.
  const std::string folder = target.has_parent_path() ? target.parent_path().string() : ".";
  if (const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); directory >= 0) {
    ::fsync(directory);
    ::close(directory);
  }
  return Done{};
}

#endif

}  // namespace qgraph
