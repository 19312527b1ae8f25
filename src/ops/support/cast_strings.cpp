// See cast_strings.hpp.
#include "ops/support/cast_strings.hpp"

#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "ops/support/string_tensor.hpp"
#include "ops/support/unpack_sub_byte.hpp"

namespace qgraph::ops {
namespace {

template <class T>
bool parse(std::string_view text, T& value) noexcept {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

/// Positional from 1e-4 to 1e16, else with an exponent of two digits: as NumPy prints, whose digits ONNX's tests have.
template <class T>
std::string print(T x) {
  if (std::isnan(x)) return "NaN";
  if (std::isinf(x)) return x < 0 ? "-INF" : "INF";
  char text[64];
  const T magnitude = std::abs(x);
  const bool positional = magnitude == 0 || (magnitude >= T(1e-4) && magnitude < T(1e16));
  const auto format = positional ? std::chars_format::fixed : std::chars_format::scientific;
  std::string out(text, std::to_chars(text, text + sizeof text, x, format).ptr);
  if (positional && out.find('.') == std::string::npos) out += ".0";
  return out;
}

}  // namespace

bool parse_numbers(const KernelArgs& args, DType to, std::byte* out) noexcept {
  const View& in = args.inputs[0];
  const auto strings = StringTensor::read({in.data, in.bytes});
  if (!strings || strings->size() != in.elements()) return args.control->fail("cast: the input holds no packed strings"), false;
  const auto all = [&]<class T>(T*) {
    for (std::int64_t i = 0; i < strings->size(); ++i) {
      T value{};
      if (!parse((*strings)[i], value)) {
        // Whole numbers may be written as reals.
        double real = 0;
        if (!std::is_integral_v<T> || !parse((*strings)[i], real) || !(std::abs(real) < 9e18)) return false;
        value = static_cast<T>(real);
      }
      std::memcpy(out + i * static_cast<std::int64_t>(sizeof(T)), &value, sizeof(T));
    }
    return true;
  };
  bool good = false;
  switch (to) {
    case DType::float32: good = all(static_cast<float*>(nullptr)); break;
    case DType::float64: good = all(static_cast<double*>(nullptr)); break;
    case DType::uint64: good = all(static_cast<std::uint64_t*>(nullptr)); break;
    default: good = all(static_cast<std::int64_t*>(nullptr)); break;
  }
  if (!good) args.control->fail("cast: a string is no number");
  return good;
}

void print_numbers(const KernelArgs& args, DType from, const std::byte* numbers) noexcept {
  const View& out = args.outputs[0];
  std::vector<std::string> texts;
  for (std::int64_t i = 0, n = out.elements(); i < n; ++i) {
    if (from == DType::float32)
      texts.push_back(print(load_as<float>(numbers, i)));
    else if (from == DType::float64)
      texts.push_back(print(load_as<double>(numbers, i)));
    else if (from == DType::uint64)
      texts.push_back(std::to_string(load_as<std::uint64_t>(numbers, i)));
    else
      texts.push_back(std::to_string(integer_at(numbers, from, i)));
  }
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const auto bytes = packed_bytes(views);
  if (!bytes) return args.control->fail("cast: the strings are too long", Cause::resource_limit);
  if (std::byte* to = args.control->resize(0, *out.type, *bytes)) pack_strings(views, to);
}

}  // namespace qgraph::ops
