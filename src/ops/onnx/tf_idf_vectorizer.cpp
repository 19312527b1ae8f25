// tf_idf_vectorizer: ONNX's TfIdfVectorizer: counts of n-grams, with skips, that stand in a pool.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"
#include "ops/support/string_tensor.hpp"

namespace qgraph::ops::onnx {
namespace {

enum class Weighting : std::uint8_t { tf, idf, tfidf };
constexpr std::string_view weighting_words[] = {"TF", "IDF", "TFIDF"};
constexpr std::span<const std::string_view> enum_words(Weighting) { return weighting_words; }

struct Vectorizer {
  std::int64_t max_gram_length = 1, max_skip_count = 0, min_gram_length = 1;
  Weighting mode = Weighting::tf;
  std::vector<std::int64_t> ngram_counts{}, ngram_indexes{}, pool_int64s{};
  std::vector<std::string> pool_strings{};
  std::vector<float> weights{};
};
constexpr std::array attributes{
    attr<&Vectorizer::max_gram_length>("max_gram_length", "the longest n-grams"),
    attr<&Vectorizer::min_gram_length>("min_gram_length", "the shortest n-grams"),
    attr<&Vectorizer::max_skip_count>("max_skip_count", "how many elements may lie between neighbours of an n-gram"),
    attr<&Vectorizer::mode>("mode", "counts, the weight where there is any, or counts times weights"),
    attr<&Vectorizer::ngram_counts>("ngram_counts", "where in the pool the 1-grams, 2-grams, ... begin"),
    attr<&Vectorizer::ngram_indexes>("ngram_indexes", "the output column of each n-gram of the pool"),
    attr<&Vectorizer::pool_int64s>("pool_int64s", "the n-grams, one after the other, of integers"),
    attr<&Vectorizer::pool_strings>("pool_strings", "the n-grams of strings"),
    attr<&Vectorizer::weights>("weights", "of each n-gram of the pool"),
};

std::int64_t columns(const Vectorizer& a) noexcept {
  std::int64_t most = -1;
  for (std::int64_t i : a.ngram_indexes) most = std::max(most, i);
  return most + 1;
}

Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<Vectorizer>();
  const Shape& in = c.shape(0);
  for (std::int64_t i : a.ngram_indexes)
    if (!sensible_dim(i) || i == 0x7FFF'FFFF)
      return constraint("tf_idf_vectorizer_c1", "a column number is none", Cause::invalid_attribute);
  const auto pool = static_cast<std::int64_t>(a.pool_strings.empty() ? a.pool_int64s.size() : a.pool_strings.size());
  std::int64_t last = 0;
  for (std::int64_t i : a.ngram_counts) {
    if (i < last || i > pool)
      return constraint("tf_idf_vectorizer_c2", "ngram_counts do not fit the pool", Cause::invalid_attribute);
    last = i;
  }
  if (a.min_gram_length < 1 || a.max_gram_length < a.min_gram_length || !sensible_dim(a.max_skip_count) ||
      (!a.weights.empty() && a.weights.size() != a.ngram_indexes.size()))
    return constraint("tf_idf_vectorizer_c3", "lengths, skips or weights do not fit each other", Cause::invalid_attribute);
  if (!in.ranked()) return Types{TensorType(DType::float32, Shape::unknown_rank())};
  if (in.rank() < 1 || in.rank() > 2)
    return constraint("tf_idf_vectorizer_c4", "the input " + in.to_string() + " is no vector or matrix");
  const std::int64_t n = columns(a);
  return Types{TensorType(DType::float32, in.rank() == 1 ? Shape{n} : Shape{in[0], n})};
}

/// Counts n-grams of one row. `at(i)`: its elements.
template <class Element, class At>
void count(const Vectorizer& a, const std::vector<Element>& pool, std::int64_t length, At at, float* out) {
  std::map<std::vector<Element>, std::size_t> grams;  // to the position in ngram_indexes
  std::size_t position = 0;
  for (std::size_t g = 0; g < a.ngram_counts.size(); ++g) {
    const std::size_t size = g + 1, begin = static_cast<std::size_t>(a.ngram_counts[g]);
    const std::size_t end = g + 1 < a.ngram_counts.size() ? static_cast<std::size_t>(a.ngram_counts[g + 1]) : pool.size();
    for (std::size_t i = begin; i + size <= end; i += size, ++position) {
      const bool wanted =
          static_cast<std::int64_t>(size) >= a.min_gram_length && static_cast<std::int64_t>(size) <= a.max_gram_length;
      if (wanted && position < a.ngram_indexes.size())
        grams.emplace(std::vector<Element>(pool.begin() + static_cast<std::ptrdiff_t>(i),
                                           pool.begin() + static_cast<std::ptrdiff_t>(i + size)),
                      position);
    }
  }
  std::vector<Element> gram;
  for (std::int64_t size = a.min_gram_length; size <= a.max_gram_length && size <= length; ++size)
    for (std::int64_t skip = 1; skip <= a.max_skip_count + 1; ++skip) {
      if (size == 1 && skip > 1) break;
      if ((size - 1) * skip >= length) break;
      for (std::int64_t first = 0; first + (size - 1) * skip < length; ++first) {
        gram.clear();
        for (std::int64_t k = 0; k < size; ++k) gram.push_back(at(first + k * skip));
        const auto found = grams.find(gram);
        if (found == grams.end()) continue;
        float& value = out[a.ngram_indexes[found->second]];
        const float weight = a.weights.empty() ? 1.0F : a.weights[found->second];
        if (a.mode == Weighting::tf)
          value += 1.0F;
        else if (a.mode == Weighting::tfidf)
          value += weight;
        else
          value = weight;
      }
    }
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<Vectorizer>();
  const View &in = args.inputs[0], &out = args.outputs[0];
  const std::int64_t length = in.dim(in.rank() - 1), rows = in.rank() == 2 ? in.dim(0) : 1, width = columns(a);
  std::fill_n(out.as<float>(), out.elements(), 0.0F);
  if (in.type->storage() == DType::string) {
    const auto strings = StringTensor::read({in.data, in.bytes});
    if (!strings || strings->size() != in.elements())
      return args.control->fail("tf_idf_vectorizer: the input holds no packed strings");
    for (std::int64_t r = 0; r < rows; ++r)
      count(
          a, a.pool_strings, length, [&](std::int64_t i) { return std::string((*strings)[r * length + i]); },
          out.as<float>() + r * width);
    return;
  }
  for (std::int64_t r = 0; r < rows; ++r)
    count(
        a, a.pool_int64s, length, [&](std::int64_t i) { return integer_at(in, r * length + i); }, out.as<float>() + r * width);
}

constexpr std::array kernels{kernel(DType::int32, run), kernel(DType::int64, run), kernel(DType::string, run)};
}  // namespace

extern constexpr OpDef tf_idf_vectorizer{
    .name = "onnx.tf_idf_vectorizer",
    .help =
        "For each row how often each n-gram of a pool stands in it, its elements up to max_skip_count apart; or weights of "
        "those.",
    .attributes = attribute_table<Vectorizer>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
