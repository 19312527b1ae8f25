// Checked reads, checked arithmetic, mapped files.
#include <algorithm>
#include <fstream>
#include <functional>
#include <limits>

#include "core/byte_reader.hpp"
#include "core/checked_math.hpp"
#include "core/mapped_file.hpp"
#include "core/number_lists.hpp"
#include "core/text_order.hpp"
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

TEST_CASE("lists of numbers are asked as one by one") {
  using Limits = std::numeric_limits<double>;
  const double least = 0.25, most = 1e300;
  for (const double v : {0.25, 0.3, 1.0, 1e300, 0.0, -0.0, 0.2499999, 1.1e300, -1.0, -0.25, -1e300, Limits::max(), -Limits::max(),
                         Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), -Limits::quiet_NaN(), Limits::denorm_min(),
                         -Limits::denorm_min()})
    for (const std::size_t at : {0U, 4U, 8U}) {
      std::vector<double> list(9, 1.0), zeros(9, 0.0);
      list[at] = zeros[at] = v;
      CAPTURE(v, at);
      CHECK(all_within(list, least, most) == (v >= least && v <= most));
      CHECK(all_zero(zeros) == (v == 0));
    }
  CHECK(all_within({}, least, most));
  CHECK(all_zero({}));
}

TEST_CASE("names are in the order of std::string_view") {
  const std::vector<std::string_view> names{"", "A", "ADD", "ADD_N", "B", "CONV_2D", "CONV_3D", "a", "\x7f", "\x80", "\xff"};
  for (std::size_t a = 0; a < names.size(); ++a) {
    for (std::size_t b = 0; b < names.size(); ++b) CHECK((text_order(names[a], names[b]) < 0) == (names[a] < names[b]));
    CHECK(text_order(names[a], names[a]) == 0);
    CHECK(*lower_bound_of_text(names, names[a], std::identity{}) == names[a]);
  }
  CHECK(lower_bound_of_text(names, "\xff\xff", std::identity{}) == names.end());
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
