// Maps files with mmap; reads them into memory where there is none.
#include "core/mapped_file.hpp"

#include <spdlog/fmt/fmt.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#if defined(_WIN32)
#include <fstream>
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace qgraph {
namespace {

Report unopenable(const std::filesystem::path& path, std::string_view why) {
  return failure("QG1001", Cause::unreadable_file, fmt::format("cannot open '{}': {}", path.string(), why));
}

Report too_large(const std::filesystem::path& path, std::uint64_t size, std::uint64_t limit) {
  return failure("QG9001", Cause::resource_limit,
                 fmt::format("'{}' has {} bytes, over the limit of {}", path.string(), size, limit),
                 "the limit is LoadOptions::budgets.file_bytes");
}

}  // namespace

#if defined(_WIN32)

Result<Buffer> map_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error) return unopenable(path, error.message());
  if (size > max_bytes) return too_large(path, size, max_bytes);
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size)))
    return unopenable(path, "read failed");
  return Buffer::copy_of(bytes);
}

void release_pages(const std::shared_ptr<const void>&, std::span<const std::byte>) noexcept {}

#else

namespace {

struct Unmap {
  std::size_t length = 0;
  void operator()(const void* address) const noexcept { ::munmap(const_cast<void*>(address), length); }
};

}  // namespace

Result<Buffer> map_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const auto reason = [] { return std::error_code(errno, std::generic_category()).message(); };
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return unopenable(path, reason());
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  } closer{fd};

  struct stat info {};
  if (::fstat(fd, &info) != 0) return unopenable(path, reason());
  if (S_ISDIR(info.st_mode)) return unopenable(path, "it is a folder");
  if (!S_ISREG(info.st_mode)) return unopenable(path, "it is not a regular file");
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size > max_bytes) return too_large(path, size, max_bytes);
  if (size == 0) return Buffer{};

  void* address = ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ, MAP_PRIVATE, fd, 0);
  if (address == MAP_FAILED) return unopenable(path, reason());
  const auto length = static_cast<std::size_t>(size);
  std::shared_ptr<const void> owner(static_cast<const void*>(address), Unmap{length});
  return Buffer{std::move(owner), {static_cast<const std::byte*>(address), length}};
}

void release_pages(const std::shared_ptr<const void>& owner, std::span<const std::byte> bytes) noexcept {
  // The deleter tells a mapping from memory of any other kind, which must not be touched. (Without RTTI none is recognized.)
  if (bytes.empty() || !std::get_deleter<Unmap>(owner)) return;
  const long size = ::sysconf(_SC_PAGESIZE);
  if (size <= 0) return;
  const auto page = static_cast<std::uintptr_t>(size), at = reinterpret_cast<std::uintptr_t>(bytes.data());
  const std::uintptr_t begin = at / page * page, end = (at + bytes.size() + page - 1) / page * page;
  ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);  // read-only and private: it comes back from the file
}

#endif

}  // namespace qgraph
