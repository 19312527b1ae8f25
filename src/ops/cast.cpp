// The same numbers in another dtype.
#include <array>
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/support/cast_strings.hpp"
#include "ops/support/element.hpp"
#include "ops/support/small_float.hpp"
#include "ops/support/unpack_sub_byte.hpp"

namespace qgraph {
namespace {
struct Boolean {
  std::uint8_t byte = 0;
};
}  // namespace
template <>
inline constexpr DType dtype_of<Boolean> = DType::boolean;

namespace ops {
namespace {

enum class Round : std::uint8_t { nearest, up, down };
constexpr std::string_view round_words[] = {"nearest", "up", "down"};
constexpr std::span<const std::string_view> enum_words(Round) { return round_words; }

struct Cast {
  DType to = DType::unknown;
  bool saturate = true, wrap = false, elidable = false;
  Round round_mode = Round::nearest;
};
constexpr std::array attributes{
    attr<&Cast::to>("to", "the result's dtype; by default what is declared of it"),
    attr<&Cast::saturate>("saturate", "to 8-bit floats: what is too large becomes the largest number, not infinity or NaN"),
    attr<&Cast::wrap>("wrap", "to integers of 2 and 4 bits: the low bits of what is too large, not the nearest value"),
    attr<&Cast::elidable>("elidable",
                          "the end of an op that computes in a wider dtype; a widening behind it may take the wide values"),
    attr<&Cast::round_mode>("round_mode", "to float8_e8m0: which power of two"),
};

Result<Types> infer(const InferContext& c) {
  const DType to = c.attributes<Cast>().to;
  const ElementType element = to != DType::unknown ? c.declared_element(0, Plain{to}) : c.declared().element;
  if (TensorType(element, {}).storage() == DType::unknown)
    return constraint("cast_c1", "nothing says what to cast to", Cause::missing_attribute);
  return Types{TensorType(element, c.shape(0))};
}

/// Toward zero, saturating; NaN becomes the highest value, as in TensorFlow Lite.
template <class To, class From>
To integer_from(From x) noexcept {
  if (std::isnan(x)) return std::numeric_limits<To>::max();
  // The highest integer need not be a float: 2^digits is.
  const From end = std::ldexp(From(1), std::numeric_limits<To>::digits);
  if (x >= end) return std::numeric_limits<To>::max();
  const From begin = std::is_signed_v<To> ? -end : From(0);
  return x <= begin ? std::numeric_limits<To>::min() : static_cast<To>(x);
}

template <class To, class From>
To convert(From x) noexcept {
  if constexpr (std::is_same_v<From, Boolean>)
    return convert<To>(static_cast<std::uint8_t>(x.byte != 0));
  else if constexpr (is_half<From>)
    return convert<To>(static_cast<float>(x));
  else if constexpr (is_complex<From> && is_complex<To>)
    return To(x);
  else if constexpr (is_complex<From>)
    return convert<To>(x.real());
  else if constexpr (std::is_same_v<To, Boolean>)
    return {static_cast<std::uint8_t>(x != From{})};
  else if constexpr (is_half<To>)
    return To(static_cast<float>(x));
  else if constexpr (is_complex<To>)
    return To(static_cast<typename To::value_type>(x));
  else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>)
    return integer_from<To>(x);
  else
    return static_cast<To>(x);
}

using ConvertFn = void (*)(const std::byte* in, std::byte* out, std::int64_t n, DType to, bool wrap);

template <class From, class To>
void convert_all(const std::byte* in, std::byte* out, std::int64_t n, DType, bool) noexcept {
  const auto* x = reinterpret_cast<const From*>(in);
  auto* y = reinterpret_cast<To*>(out);
  for (std::int64_t i = 0; i < n; ++i) y[i] = convert<To>(x[i]);
}

/// To 2 or 4 bits: saturating, or the low bits.
template <class From>
void convert_to_sub_byte(const std::byte* in, std::byte* out, std::int64_t n, DType to, bool wrap) noexcept {
  const auto* x = reinterpret_cast<const From*>(in);
  const IntegerRange range = integer_range(to);
  const int width = bits(to);
  const std::int64_t per_byte = 8 / width;
  for (std::int64_t i = 0; i < n; ++i) {
    const int shift = width * static_cast<int>(i % per_byte);
    if (shift == 0) out[i / per_byte] = std::byte{0};
    std::int64_t value;
    if constexpr (std::is_same_v<From, std::uint64_t>)
      value = static_cast<std::int64_t>(wrap ? x[i] & 15 : std::min<std::uint64_t>(x[i], 15));
    else
      value = convert<std::int64_t>(x[i]);
    out[i / per_byte] |=
        static_cast<std::byte>(((wrap ? value : std::clamp(value, range.min, range.max)) & ((1 << width) - 1)) << shift);
  }
}

template <class... T>
struct TypeList {};
using All = TypeList<float, std::int8_t, std::uint8_t, std::int16_t, std::int32_t, std::int64_t, Boolean, Float16, BFloat16,
                     double, std::uint16_t, std::uint32_t, std::uint64_t, std::complex<float>, std::complex<double>>;

template <class From, class... To>
ConvertFn find_to(DType to, TypeList<To...>) noexcept {
  ConvertFn fn = bits(to) < 8 && is_integer(to) ? convert_to_sub_byte<From> : nullptr;
  ((dtype_of<To> == to ? void(fn = convert_all<From, To>) : void()), ...);
  return fn;
}
template <class... From>
ConvertFn find(DType from, DType to, TypeList<From...>) noexcept {
  ConvertFn fn = nullptr;
  ((dtype_of<From> == from ? void(fn = find_to<From>(to, All{})) : void()), ...);
  return fn;
}

bool small_float(DType d) noexcept { return is_float(d) && bits(d) <= 8; }
/// What elements that no kernel computes with are read as, on their way to `other`.
DType carrier(DType d, DType other) noexcept {
  if (small_float(d)) return DType::float32;
  if (d != DType::string) return unpacked_dtype(d);
  if (small_float(other)) return DType::float32;
  if (other == DType::float16 || other == DType::bfloat16) return DType::float32;
  return is_float(other) || other == DType::uint64 ? other : DType::int64;
}

/// From one carrier to the other, with room for elements of either that have another form in the tensor.
struct Path {
  ConvertFn convert = nullptr;
  DType from = DType::unknown, to = DType::unknown;
  std::size_t second = 0;  ///< where in scratch what is converted lies
};

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const DType from = c.inputs[0].type->storage(), to = c.outputs[0].type->storage();
  Path p{.from = carrier(from, to), .to = to};
  if (small_float(to) || to == DType::string) p.to = carrier(to, p.from);
  p.convert = find(p.from, p.to, All{});
  if (!p.convert || (from == DType::string && to == DType::string))
    return failure("QG4101", Cause::unsupported_dtype,
                   "there is no cast from " + std::string(name(from)) + " to " + std::string(name(to)));
  const auto room = [&](DType d) {
    return static_cast<std::size_t>(c.inputs[0].elements()) * static_cast<std::size_t>(bits(d) / 8);
  };
  if (p.from != from) c.scratch_bytes = p.second = (room(p.from) + 63) / 64 * 64;
  if (p.to != to) c.scratch_bytes += room(p.to);
  return std::shared_ptr<const void>(std::make_shared<const Path>(p));
}

/// The power of two for a number: by the mode, or the nearest.
void store_power(std::byte* out, std::int64_t i, float x, Round round, bool saturate) noexcept {
  if (round == Round::nearest || !(x > 0.0F) || !std::isfinite(x)) return store_float(out, DType::float8_e8m0, i, x, saturate);
  int exponent = 0;
  const float fraction = std::frexp(x, &exponent);  // in [0.5, 1)
  const int power = round == Round::up && fraction > 0.5F ? exponent : exponent - 1;
  out[i] = static_cast<std::byte>(power + 127 > 254 ? (saturate ? 254 : 255) : std::max(power + 127, 0));
}

void run(const KernelArgs& a) noexcept {
  const auto& p = a.prepared_as<Path>();
  const View &from = a.inputs[0], &to = a.outputs[0];
  const std::int64_t n = to.elements();
  const std::byte* in = from.data;
  if (p.from != from.type->storage()) {
    if (from.type->storage() == DType::string) {
      if (!parse_numbers(a, p.from, a.scratch)) return;
    } else if (small_float(from.type->storage())) {
      for (std::int64_t i = 0; i < n; ++i) reinterpret_cast<float*>(a.scratch)[i] = float_at(in, from.type->storage(), i);
    } else {
      unpack_sub_byte(in, from.type->storage(), n, a.scratch);
    }
    in = a.scratch;
  }
  const bool wrap = a.attributes<Cast>().wrap;
  if (p.to == to.type->storage()) return p.convert(in, to.data, n, p.to, wrap);
  std::byte* wide = a.scratch + p.second;
  p.convert(in, wide, n, p.to, wrap);
  if (to.type->storage() == DType::string) return print_numbers(a, p.to, wide);
  const auto& how = a.attributes<Cast>();
  for (std::int64_t i = 0; i < n; ++i) {
    const float x = reinterpret_cast<const float*>(wide)[i];
    if (to.type->storage() == DType::float8_e8m0)
      store_power(to.data, i, x, how.round_mode, how.saturate);
    else
      store_float(to.data, to.type->storage(), i, x, how.saturate);
  }
}

constexpr std::array kernels{kernel(DType::unknown, run, prepare)};

}  // namespace

extern constexpr OpDef cast{
    .name = "cast",
    .help =
        "The same numbers in another dtype. Floats become integers toward zero, saturating, NaN the "
        "highest; integers wrap; complex numbers lose "
        "their imaginary part; strings are decimal; stored values of quantized tensors are what they are.",
    .attributes = attribute_table<Cast>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace ops
}  // namespace qgraph
