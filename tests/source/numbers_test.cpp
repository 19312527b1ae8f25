// Elements of every dtype as doubles, and back.
#include "source/numbers.hpp"

#include <cmath>
#include <limits>

#include "source/op_row.hpp"
#include "support/catch.hpp"

namespace qgraph {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (const int v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}

using Numbers = std::vector<double>;

TEST_CASE("packed integers, low bits first") {
  CHECK(source::decode_numbers(DType::int4, bytes({0x8F, 0x07}), 3) == Numbers{-1, -8, 7});
  CHECK(source::decode_numbers(DType::uint4, bytes({0x8F}), 2) == Numbers{15, 8});
  CHECK(source::decode_numbers(DType::int2, bytes({0xE4}), 4) == Numbers{0, 1, -2, -1});
  CHECK(source::decode_numbers(DType::uint2, bytes({0xE4}), 4) == Numbers{0, 1, 2, 3});
  CHECK_FALSE(source::decode_numbers(DType::int4, bytes({0x8F}), 3));
  CHECK_FALSE(source::decode_numbers(DType::string, bytes({0, 0, 0, 0}), 1));
}

TEST_CASE("small floats") {
  CHECK(source::decode_numbers(DType::float16, bytes({0x00, 0x3C, 0x01, 0x00, 0x00, 0xFC}), 3) ==
        Numbers{1.0, std::ldexp(1.0, -24), -std::numeric_limits<double>::infinity()});
  CHECK(source::decode_numbers(DType::bfloat16, bytes({0x80, 0x3F, 0x40, 0xC0}), 2) == Numbers{1.0, -3.0});
  CHECK(source::decode_numbers(DType::float8_e4m3fn, bytes({0x38, 0x7E, 0x01}), 3) == Numbers{1.0, 448.0, std::ldexp(1.0, -9)});
  CHECK(std::isnan((*source::decode_numbers(DType::float8_e4m3fn, bytes({0x7F}), 1))[0]));
  CHECK(source::decode_numbers(DType::float8_e5m2, bytes({0x3C, 0x7B}), 2) == Numbers{1.0, 57344.0});
  CHECK(source::decode_numbers(DType::float4_e2m1, bytes({0x71}), 2) == Numbers{0.5, 6.0});
}

TEST_CASE("every number comes back as it was, and others saturate") {
  for (const DType d : {DType::int2, DType::uint2, DType::int4, DType::uint4, DType::int8, DType::uint8, DType::float4_e2m1,
                        DType::float16, DType::bfloat16, DType::float8_e5m2}) {
    std::vector<std::byte> all;
    for (int i = 0; i < 0x78; ++i) all.push_back(static_cast<std::byte>(i));  // no NaN among them
    const std::size_t count = all.size() * 8 / static_cast<std::size_t>(bits(d));
    const auto numbers = source::decode_numbers(d, all, count);
    REQUIRE(numbers);
    if (d == DType::bfloat16 || d == DType::float16) continue;  // searched one by one: the small ones show it
    CHECK(source::decode_numbers(d, *source::encode_numbers(d, *numbers), count) == *numbers);
  }
  CHECK(source::decode_numbers(DType::int8, *source::encode_numbers(DType::int8, Numbers{300, -300, 1.5, -2.5}), 4) ==
        Numbers{127, -128, 2, -3});
  CHECK(source::decode_numbers(DType::float16, *source::encode_numbers(DType::float16, Numbers{0.1, -65504}), 2) ==
        Numbers{0.0999755859375, -65504});
}

TEST_CASE("operand lists") {
  constexpr std::string_view list = "input weights bias? rest*";
  CHECK(operand_at(list, 0)->name == "input");
  CHECK(operand_at(list, 2)->name == "bias");
  CHECK(operand_at(list, 2)->optional);
  CHECK(operand_at(list, 9)->name == "rest");
  CHECK_FALSE(operand_at("input", 1));
  CHECK_FALSE(operand_at("", 0));
  CHECK(operand_position(list, "bias") == 2U);
  CHECK_FALSE(operand_position(list, "bias?"));
}

}  // namespace
}  // namespace qgraph
