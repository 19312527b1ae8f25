// StridedCopy against a plain loop over indices, for elements of 2 to 128 bits; packed strings, sound and hostile.
#include "ops/support/strided_copy.hpp"

#include <cstring>
#include <random>
#include <vector>

#include "ops/support/string_tensor.hpp"
#include "support/catch.hpp"

namespace {

using qgraph::ops::StridedCopy;
using Bytes = std::vector<std::byte>;

Bytes random_bytes(std::mt19937& random, std::size_t n) {
  Bytes bytes(n);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random() & 0xFF);
  return bytes;
}

bool bit(const Bytes& bytes, std::int64_t i) {
  return ((std::to_integer<unsigned>(bytes[static_cast<std::size_t>(i / 8)]) >> (i % 8)) & 1U) != 0;
}

void set_bit(Bytes& bytes, std::int64_t i, bool on) {
  std::byte& b = bytes[static_cast<std::size_t>(i / 8)];
  const auto mask = static_cast<std::byte>(1U << (i % 8));
  b = on ? b | mask : b & ~mask;
}

struct Loop {
  std::int64_t extent, in_stride, out_stride;
};

void move_bits(const std::vector<Loop>& loops, std::size_t level, std::int64_t in_at, std::int64_t out_at, const Bytes& in,
               Bytes& out, int bits) {
  if (level == loops.size()) {
    for (int b = 0; b < bits; ++b) set_bit(out, out_at * bits + b, bit(in, in_at * bits + b));
    return;
  }
  for (std::int64_t i = 0; i < loops[level].extent; ++i)
    move_bits(loops, level + 1, in_at + i * loops[level].in_stride, out_at + i * loops[level].out_stride, in, out, bits);
}

}  // namespace

TEST_CASE("a strided copy moves what a loop over indices moves") {
  std::mt19937 random(5);
  const std::vector<std::vector<Loop>> plans{
      {},
      {{7, 1, 1}},
      {{7, 2, 1}},
      {{5, 0, 1}},
      {{4, -1, 1}},
      {{2, 12, 12}, {3, 4, 4}, {4, 1, 1}},  // one run
      {{3, 1, 4}, {4, 3, 1}},               // transposed
      {{2, 0, 6}, {2, 3, 3}, {3, 1, 1}},    // repeated
      {{3, 6, 2}, {1, 0, 0}, {2, 1, 1}},
      {{0, 1, 1}, {4, 1, 1}},
  };
  for (const int bits : {2, 4, 8, 16, 32, 64, 128})
    for (const auto& loops : plans) {
      const std::int64_t offset = !loops.empty() && loops[0].in_stride < 0 ? loops[0].extent - 1 : 1;
      const Bytes in = random_bytes(random, static_cast<std::size_t>(40 * bits / 8));
      Bytes expected = random_bytes(random, in.size()), out = expected;
      move_bits(loops, 0, offset, 2, in, expected, bits);
      StridedCopy copy;
      copy.in_offset = offset;
      copy.out_offset = 2;
      for (const Loop& l : loops) copy.add(l.extent, l.in_stride, l.out_stride);
      copy.run(in.data(), out.data(), bits);
      CHECK(out == expected);
    }
}

TEST_CASE("packed strings are read as they were written") {
  const std::vector<std::string_view> strings{"", "tea", "", "a longer one"};
  Bytes bytes(*qgraph::ops::packed_bytes(strings));
  qgraph::ops::pack_strings(strings, bytes.data());
  const auto read = qgraph::ops::StringTensor::read(bytes);
  REQUIRE(read);
  REQUIRE(read->size() == 4);
  for (std::int64_t i = 0; i < 4; ++i) CHECK((*read)[i] == strings[static_cast<std::size_t>(i)]);
  CHECK(qgraph::ops::StringTensor::read({})->size() == 0);
}

TEST_CASE("packed strings whose numbers lie are refused") {
  const std::vector<std::string_view> strings{"one", "two"};
  Bytes sound(*qgraph::ops::packed_bytes(strings));
  qgraph::ops::pack_strings(strings, sound.data());
  const auto with = [&](std::size_t word, std::int32_t value) {
    Bytes bytes = sound;
    std::memcpy(bytes.data() + word * 4, &value, 4);
    return qgraph::ops::StringTensor::read(bytes).has_value();
  };
  CHECK_FALSE(with(0, -1));
  CHECK_FALSE(with(0, 1000));
  CHECK_FALSE(with(1, -4));
  CHECK_FALSE(with(2, 1));
  CHECK_FALSE(with(3, 1000));
  CHECK(with(1, 16));
  CHECK_FALSE(qgraph::ops::StringTensor::read(std::span(sound).first(3)).has_value());
  CHECK_FALSE(qgraph::ops::StringTensor::read(std::span(sound).first(8)).has_value());
}
