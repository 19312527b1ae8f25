// Facts about dtypes.
#include "qgraph/dtype.hpp"

#include <array>
#include <limits>

namespace qgraph {
namespace {

enum class Kind : std::uint8_t { none, real, boolean, integer, complex };

struct Row {
  DType dtype;
  std::string_view name;
  int bits;
  Kind kind;
  bool is_signed = false;
  DType storage = DType::unknown;  // of a quantized dtype
};

constexpr Row rows[] = {
    {DType::unknown, "unknown", 0, Kind::none},
    {DType::float32, "float32", 32, Kind::real, true},
    {DType::float16, "float16", 16, Kind::real, true},
    {DType::bfloat16, "bfloat16", 16, Kind::real, true},
    {DType::float64, "float64", 64, Kind::real, true},
    {DType::float8_e4m3fn, "float8_e4m3fn", 8, Kind::real, true},
    {DType::float8_e4m3fnuz, "float8_e4m3fnuz", 8, Kind::real, true},
    {DType::float8_e5m2, "float8_e5m2", 8, Kind::real, true},
    {DType::float8_e5m2fnuz, "float8_e5m2fnuz", 8, Kind::real, true},
    {DType::float8_e8m0, "float8_e8m0", 8, Kind::real, false},
    {DType::float4_e2m1, "float4_e2m1", 4, Kind::real, true},
    {DType::boolean, "bool", 8, Kind::boolean},
    {DType::int2, "int2", 2, Kind::integer, true},
    {DType::int4, "int4", 4, Kind::integer, true},
    {DType::int8, "int8", 8, Kind::integer, true},
    {DType::int16, "int16", 16, Kind::integer, true},
    {DType::int32, "int32", 32, Kind::integer, true},
    {DType::int64, "int64", 64, Kind::integer, true},
    {DType::uint2, "uint2", 2, Kind::integer},
    {DType::uint4, "uint4", 4, Kind::integer},
    {DType::uint8, "uint8", 8, Kind::integer},
    {DType::uint16, "uint16", 16, Kind::integer},
    {DType::uint32, "uint32", 32, Kind::integer},
    {DType::uint64, "uint64", 64, Kind::integer},
    {DType::complex64, "complex64", 64, Kind::complex, true},
    {DType::complex128, "complex128", 128, Kind::complex, true},
    {DType::string, "string", 0, Kind::none},
    {DType::resource, "resource", 32, Kind::none},
    {DType::variant, "variant", 0, Kind::none},
    {DType::qint2, "qint2", 2, Kind::integer, true, DType::int2},
    {DType::qint4, "qint4", 4, Kind::integer, true, DType::int4},
    {DType::qint8, "qint8", 8, Kind::integer, true, DType::int8},
    {DType::qint16, "qint16", 16, Kind::integer, true, DType::int16},
    {DType::qint32, "qint32", 32, Kind::integer, true, DType::int32},
    {DType::qint64, "qint64", 64, Kind::integer, true, DType::int64},
    {DType::quint2, "quint2", 2, Kind::integer, false, DType::uint2},
    {DType::quint4, "quint4", 4, Kind::integer, false, DType::uint4},
    {DType::quint8, "quint8", 8, Kind::integer, false, DType::uint8},
    {DType::quint16, "quint16", 16, Kind::integer, false, DType::uint16},
    {DType::quint32, "quint32", 32, Kind::integer, false, DType::uint32},
};
constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(rows); ++i)
    if (static_cast<std::size_t>(rows[i].dtype) != i) return false;
  return true;
}
static_assert(in_order(), "rows stand in the order of the enumeration");

constexpr Row unknown_row = rows[0];
const Row& row(DType d) noexcept {
  const auto i = static_cast<std::size_t>(d);
  return i < std::size(rows) ? rows[i] : unknown_row;
}

// "custom128".."custom255", one after the other, nine characters each.
constexpr auto custom_names = [] {
  std::array<char, 128 * 9> text{};
  constexpr std::string_view word = "custom";
  for (std::size_t i = 0; i < 128; ++i) {
    for (std::size_t k = 0; k < word.size(); ++k) text[i * 9 + k] = word[k];
    const std::size_t n = i + 128;
    text[i * 9 + 6] = static_cast<char>('0' + n / 100);
    text[i * 9 + 7] = static_cast<char>('0' + n / 10 % 10);
    text[i * 9 + 8] = static_cast<char>('0' + n % 10);
  }
  return text;
}();

}  // namespace

std::string_view name(DType d) noexcept {
  const auto i = static_cast<std::size_t>(d);
  if (i >= 128) return {custom_names.data() + (i - 128) * 9, 9};
  return row(d).name;
}

std::optional<DType> dtype_from_name(std::string_view word) noexcept {
  for (const Row& r : rows)
    if (r.dtype != DType::unknown && r.name == word) return r.dtype;
  for (std::size_t i = 128; i < 256; ++i)
    if (name(static_cast<DType>(i)) == word) return static_cast<DType>(i);
  struct Alias {
    std::string_view word;
    DType dtype;
  };
  constexpr Alias aliases[] = {
      {"float", DType::float32}, {"double", DType::float64}, {"half", DType::float16}, {"boolean", DType::boolean}};
  for (const Alias& a : aliases)
    if (a.word == word) return a.dtype;
  return std::nullopt;
}

int bits(DType d) noexcept { return row(d).bits; }
bool is_quantized(DType d) noexcept { return row(d).storage != DType::unknown; }
bool is_float(DType d) noexcept { return row(d).kind == Kind::real; }
bool is_integer(DType d) noexcept { return row(d).kind == Kind::integer; }
bool is_signed(DType d) noexcept { return row(d).kind == Kind::integer && row(d).is_signed; }
DType storage(DType d) noexcept { return is_quantized(d) ? row(d).storage : d; }

DType quantized(DType d) noexcept {
  if (is_quantized(d)) return d;
  for (const Row& r : rows)
    if (r.storage == d && d != DType::unknown) return r.dtype;
  return DType::unknown;
}

IntegerRange integer_range(DType d) noexcept {
  const Row& r = row(d);
  if (r.kind != Kind::integer) return {};
  constexpr std::int64_t top = std::numeric_limits<std::int64_t>::max();
  if (r.bits == 64) return {r.is_signed ? std::numeric_limits<std::int64_t>::min() : 0, top};
  const std::int64_t values = std::int64_t{1} << r.bits;
  return r.is_signed ? IntegerRange{-values / 2, values / 2 - 1} : IntegerRange{0, values - 1};
}

std::optional<std::size_t> byte_size(DType d, std::int64_t count) noexcept {
  const auto width = static_cast<std::int64_t>(bits(d));
  if (width == 0 || count < 0 || count > (std::int64_t{1} << 55)) return std::nullopt;
  return static_cast<std::size_t>((count * width + 7) / 8);
}

}  // namespace qgraph
