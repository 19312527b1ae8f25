// string_normalizer: ONNX's StringNormalizer: strings without stop words, in upper or lower case.
#include <algorithm>
#include <string>
#include <vector>

#include "ops/op_def.hpp"
#include "ops/support/string_tensor.hpp"

namespace qgraph::ops::onnx {
namespace {

enum class Case : std::uint8_t { none, lower, upper };
constexpr std::string_view case_words[] = {"NONE", "LOWER", "UPPER"};
constexpr std::span<const std::string_view> enum_words(Case) { return case_words; }

struct Normalizer {
  Case change = Case::none;
  bool case_sensitive = false;
  std::vector<std::string> stopwords{};
};
constexpr std::array attributes{
    attr<&Normalizer::change>("case_change_action", "what becomes of letters; ASCII's only"),
    attr<&Normalizer::case_sensitive>("is_case_sensitive", "stop words are compared as they are"),
    attr<&Normalizer::stopwords>("stopwords", "strings that are left out"),
};

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  if (c.input(0).storage() != DType::string && c.input(0).storage() != DType::unknown)
    return constraint("string_normalizer_c1", "the input is " + std::string(name(c.input(0).storage())),
                      Cause::unsupported_dtype);
  if (in.ranked() && in.rank() != 1 && !(in.rank() == 2 && (in[0] == 1 || in[0] < 0)))
    return constraint("string_normalizer_c2", "the input " + in.to_string() + " is neither [n] nor [1,n]");
  if (!in.ranked()) return Types{TensorType(DType::string, Shape::unknown_rank())};
  return Types{TensorType(DType::string, in.rank() == 1 ? Shape{Shape::dynamic} : Shape{1, Shape::dynamic})};
}

/// A letter of ASCII; others, and the parts of UTF-8's, stay.
char changed(char x, Case to) noexcept {
  if (to == Case::lower && x >= 'A' && x <= 'Z') return static_cast<char>(x - 'A' + 'a');
  if (to == Case::upper && x >= 'a' && x <= 'z') return static_cast<char>(x - 'a' + 'A');
  return x;
}
std::string changed(std::string_view text, Case to) {
  std::string out(text);
  for (char& x : out) x = changed(x, to);
  return out;
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<Normalizer>();
  const View& in = args.inputs[0];
  const auto strings = StringTensor::read({in.data, in.bytes});
  if (!strings || strings->size() != in.elements())
    return args.control->fail("string_normalizer: the input holds no packed strings");
  const Case compared = a.case_sensitive ? Case::none : Case::lower;
  std::vector<std::string> stop, kept;
  for (const std::string& word : a.stopwords) stop.push_back(changed(word, compared));
  for (std::int64_t i = 0; i < strings->size(); ++i)
    if (!std::ranges::count(stop, changed((*strings)[i], compared))) kept.push_back(changed((*strings)[i], a.change));
  if (kept.empty()) kept.emplace_back();  // one empty string, where nothing is left
  const std::vector<std::string_view> views(kept.begin(), kept.end());
  const auto n = static_cast<std::int64_t>(views.size());
  const auto bytes = packed_bytes(views);
  if (!bytes) return args.control->fail("string_normalizer: the strings are too long", Cause::resource_limit);
  const TensorType type(DType::string, in.rank() == 1 ? Shape{n} : Shape{1, n});
  if (std::byte* out = args.control->resize(0, type, *bytes)) pack_strings(views, out);
}

constexpr std::array kernels{kernel(DType::string, run)};
}  // namespace

extern constexpr OpDef string_normalizer{
    .name = "onnx.string_normalizer",
    .help = "The strings that are no stop words, in another case where that is wanted.",
    .attributes = attribute_table<Normalizer>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
