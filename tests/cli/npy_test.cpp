// .npy: what is written is read back, and hostile bytes are refused.
#include "cli/npy.hpp"

#include <cstring>

#include "cli/widen.hpp"
#include "support/catch.hpp"

using namespace qgraph;
using namespace qgraph::cli;

namespace {

std::vector<std::byte> npy(const std::string& dict, const std::string& data, int version = 1) {
  std::string text = "\x93NUMPY";
  text += static_cast<char>(version);
  text += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) text += static_cast<char>(dict.size() >> (8 * i) & 0xFF);
  text += dict + data;
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

template <class T>
std::vector<T> values_of(const Tensor& t) {
  return {t.values<T>().begin(), t.values<T>().end()};
}

}  // namespace

TEST_CASE("every dtype comes back as it was written") {
  const std::vector<float> floats{1.5F, -2, 0.25F, 8, 9, 10};
  const Tensor t(DType::float32, {2, 3}, std::span<const float>(floats));
  const auto bytes = npy_bytes(t.type, t.data.bytes);
  REQUIRE(bytes.ok());
  CHECK(bytes->size() == 128 + 24);
  const auto back = parse_npy(*bytes);
  REQUIRE(back.ok());
  CHECK(back->type.shape == Shape{2, 3});
  CHECK(values_of<float>(*back) == floats);
  for (const DType dtype :
       {DType::int4, DType::uint4, DType::int2, DType::bfloat16, DType::float8_e4m3fn, DType::float8_e5m2, DType::float4_e2m1}) {
    INFO(name(dtype));
    const std::vector<std::byte> stored{std::byte{0x31}, std::byte{0x42}, std::byte{0x2D}, std::byte{0x40}};
    const auto count = static_cast<std::int64_t>(stored.size()) * 8 / bits(dtype);
    const TensorType type(dtype, {count});
    const auto wide = npy_bytes(type, stored);
    REQUIRE(wide.ok());
    auto array = parse_npy(*wide);
    REQUIRE(array.ok());
    CHECK(array->type.shape == Shape{count});
    const auto narrow = as_input(*array, type);
    REQUIRE(narrow.ok());
    CHECK(std::vector<std::byte>(narrow->data.bytes.begin(), narrow->data.bytes.end()) == stored);
  }
}

TEST_CASE("strings are fixed-width bytes in .npy, packed in a tensor") {
  const std::vector<std::string> texts{"a", "", "long text"};
  const Tensor t({DType::string, Shape{3}}, Buffer::copy_of(pack_strings(texts)));
  const auto bytes = npy_bytes(t.type, t.data.bytes);
  REQUIRE(bytes.ok());
  const auto back = parse_npy(*bytes);
  REQUIRE(back.ok());
  CHECK(unpack_strings(back->data.bytes) == texts);
}

TEST_CASE("column-major, big-endian, 'U' and all header versions are read") {
  const auto fortran =
      parse_npy(npy("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }", std::string("\1\4\2\5\3\6", 6)));
  REQUIRE(fortran.ok());
  CHECK(values_of<std::int8_t>(*fortran) == std::vector<std::int8_t>{1, 2, 3, 4, 5, 6});
  for (int version : {1, 2, 3}) {
    const auto big =
        parse_npy(npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", std::string("\1\2\xff\xfe", 4), version));
    REQUIRE(big.ok());
    CHECK(values_of<std::int16_t>(*big) == std::vector<std::int16_t>{258, -2});
  }
  const auto scalar = parse_npy(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", std::string(4, '\0')));
  REQUIRE(scalar.ok());
  CHECK(scalar->type.shape == Shape{});
  const auto wide =
      parse_npy(npy("{'descr': '<U2', 'fortran_order': False, 'shape': (1,), }", std::string("\xe9\0\0\0\0\0\0\0", 8)));
  REQUIRE(wide.ok());
  CHECK(unpack_strings(wide->data.bytes) == std::vector<std::string>{"\xc3\xa9"});
}

TEST_CASE("bytes that are no array are refused") {
  const auto dict = [](const std::string& shape, const std::string& descr = "'<f4'") {
    return "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }";
  };
  CHECK(!parse_npy({}).ok());
  CHECK(!parse_npy(npy(dict("(4,)"), "short")).ok());
  CHECK(!parse_npy(npy(dict("(-1,)"), "")).ok());
  CHECK(!parse_npy(npy(dict("(4294967296, 4294967296, 4294967296)"), "")).ok());
  CHECK(!parse_npy(npy(dict("(99999999999999999999,)"), "")).ok());
  CHECK(!parse_npy(npy(dict("(1,)", "'|O'"), std::string(8, '\0'))).ok());
  CHECK(!parse_npy(npy(dict("(1,)", "[('a', '<f4')]"), std::string(8, '\0'))).ok());
  CHECK(!parse_npy(npy(dict("(1,)", "'<S99999999999999'"), "x")).ok());
  CHECK(!parse_npy(npy(dict("(1"), "xxxx")).ok());
  CHECK(!parse_npy(npy(dict("(1,)"), "xxxx", 9)).ok());
  auto cut = npy(dict("(1,)"), "xxxx");
  for (std::size_t size = 0; size < cut.size(); ++size) CHECK(!parse_npy(std::span(cut).first(size)).ok());
  CHECK(parse_npy(cut).ok());
}

TEST_CASE("an array of another dtype than the input's is refused, a wider one only where it is exact") {
  const std::vector<std::int8_t> values{7, -8, 3};
  const Tensor array(DType::int8, {3}, std::span<const std::int8_t>(values));
  CHECK(as_input(array, {DType::int4, Shape{3}}).ok());
  CHECK(!as_input(array, {DType::float32, Shape{3}}).ok());
  const std::vector<std::int64_t> whole{-3, 0, 1 << 24};
  const auto reals = as_input(Tensor(DType::int64, {3}, std::span<const std::int64_t>(whole)), {DType::float32, Shape{3}});
  REQUIRE(reals.ok());
  CHECK(values_of<float>(*reals) == std::vector<float>{-3, 0, 16777216});
  const std::vector<std::int64_t> odd{(1 << 24) + 1};
  CHECK(!as_input(Tensor(DType::int64, {1}, std::span<const std::int64_t>(odd)), {DType::float32, Shape{1}}).ok());
  CHECK(as_input(Tensor(DType::int64, {1}, std::span<const std::int64_t>(odd)), {DType::float64, Shape{1}}).ok());
  const std::vector<std::int8_t> large{9};
  CHECK(!as_input(Tensor(DType::int8, {1}, std::span<const std::int8_t>(large)), {DType::int4, Shape{1}}).ok());
}
