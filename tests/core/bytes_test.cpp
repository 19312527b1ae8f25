// Checked reads, checked arithmetic, mapped files.
#include <algorithm>
#include <fstream>
#include <limits>

#include "core/byte_reader.hpp"
#include "core/checked_math.hpp"
#include "core/mapped_file.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

namespace qgraph {
namespace {

TEST_CASE("reads stay within the bytes") {
  const std::vector<std::byte> four{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
  const ByteReader r(four);
  CHECK(r.at<std::uint32_t>(0) == 0x04030201U);
  CHECK(r.at<std::uint16_t>(2) == 0x0403U);
  CHECK_FALSE(r.at<std::uint16_t>(3));
  CHECK_FALSE(r.at<std::uint8_t>(4));
  CHECK_FALSE(r.at<std::uint32_t>(std::numeric_limits<std::uint64_t>::max()));
  CHECK(r.slice(4, 0));
  CHECK_FALSE(r.slice(5, 0));
  CHECK_FALSE(r.slice(1, std::numeric_limits<std::uint64_t>::max()));
  CHECK(r.starts_with("\x03\x04", 2));
  CHECK_FALSE(r.starts_with("\x03\x04\x05", 2));
}

TEST_CASE("arithmetic says when it overflows") {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  CHECK(checked_mul<std::int64_t>(most, 1) == most);
  CHECK_FALSE(checked_mul<std::int64_t>(most, 2));
  CHECK_FALSE(checked_add<std::int64_t>(most, 1));
  CHECK_FALSE(checked_sub<std::uint32_t>(1, 2));
  CHECK(checked_product(std::vector<std::int64_t>{most, 0, most}) == 0);
  CHECK_FALSE(checked_product(std::vector<std::int64_t>{most, 2}));
  CHECK_FALSE(checked_product(std::vector<std::int64_t>{2, -1}));
  CHECK(checked_product({}) == 1);
}

TEST_CASE("files are mapped, or it is said why not") {
  const test::ScratchFolder folder;
  const auto code = [](const Result<Buffer>& r) { return r ? std::string("none") : r.error().diagnostics[0].code; };
  CHECK(code(map_file(folder.path() / "none", 100)) == "QG1001");
  CHECK(code(map_file(folder.path(), 100)) == "QG1001");
  std::ofstream(folder.path() / "empty").close();
  const auto empty = map_file(folder.path() / "empty", 100);
  REQUIRE(empty.ok());
  CHECK(empty->empty());
  std::ofstream(folder.path() / "five") << "hello";
  CHECK(code(map_file(folder.path() / "five", 4)) == "QG9001");
  Buffer kept;
  {
    auto five = map_file(folder.path() / "five", 5);
    REQUIRE(five.ok());
    kept = *five;
  }
  std::filesystem::remove(folder.path() / "five");
  CHECK(ByteReader(kept.bytes).text(0, 5) == "hello");
}

TEST_CASE("released pages of a mapped file come back as they were, other memory is left alone") {
  const test::ScratchFolder folder;
  std::vector<std::byte> stored(5 * 4096 + 7);
  for (std::size_t i = 0; i < stored.size(); ++i) stored[i] = static_cast<std::byte>(i * 7 + i / 256);
  std::ofstream(folder.path() / "pages", std::ios::binary)
      .write(reinterpret_cast<const char*>(stored.data()), static_cast<std::streamsize>(stored.size()));
  const auto file = map_file(folder.path() / "pages", 1U << 20);
  REQUIRE(file);
  CHECK(std::ranges::equal(file->bytes, stored));
  const Buffer part{file->owner, file->bytes.subspan(100, 3 * 4096)};
  release_pages(part.owner, part.bytes);
  release_pages(file->owner, file->bytes);
  release_pages(file->owner, {});
  CHECK(std::ranges::equal(file->bytes, stored));
  for (const Buffer& other : {Buffer::copy_of(stored), Buffer::own(stored), Buffer::borrow(stored)}) {
    release_pages(other.owner, other.bytes);
    CHECK(std::ranges::equal(other.bytes, file->bytes));
  }
}

}  // namespace
}  // namespace qgraph
