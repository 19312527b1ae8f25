// ONNX's transforms, windows, losses and detectors' box selection.
#include "formats/onnx/tensor_types.hpp"
#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

std::string dtype_word(const SourceNode& n, std::string_view attribute) {
  return std::string(name(dtype_of(n.integer(attribute, 1))));
}

}  // namespace

Result<Outputs> lower_window(const SourceNode& n, GraphBuilder& g) {
  const std::string form = n.op() == "HannWindow" ? "hann" : n.op() == "HammingWindow" ? "hamming" : "blackman";
  return g.add("onnx.window", {n.input(0)},
               {{"form", form}, {"periodic", n.integer("periodic", 1)}, {"to", dtype_word(n, "output_datatype")}});
}

Result<Outputs> lower_mel_weight_matrix(const SourceNode& n, GraphBuilder& g) {
  std::vector<Value> inputs;
  for (std::size_t i = 0; i < n.input_count(); ++i) inputs.push_back(n.input(i));
  return g.add("onnx.mel_weight_matrix", std::move(inputs), {{"to", dtype_word(n, "output_datatype")}});
}

/// The axis is an attribute (default 1) before opset 20, then an operand (default the last but one).
Result<Outputs> lower_dft(const SourceNode& n, GraphBuilder& g) {
  return g.add("onnx.dft", {n.input(0), n.input(1), n.input(2)},
               {{"axis", n.integer("axis", n.version() < 20 ? 1 : -2)},
                {"inverse", n.integer("inverse")},
                {"onesided", n.integer("onesided")}});
}

Result<Outputs> lower_negative_log_likelihood(const SourceNode& n, GraphBuilder& g) {
  Attributes a{{"reduction", n.text("reduction", "mean")}};
  if (n.attribute("ignore_index")) {
    a.set("ignore_index", n.integer("ignore_index"));
    a.set("ignores", std::int64_t{1});
  }
  return g.add("onnx.negative_log_likelihood_loss", {n.input(0), n.input(1), n.input(2)}, std::move(a));
}

/// The logarithm of the softmax over classes, then the loss of that.
Result<Outputs> lower_softmax_cross_entropy(const SourceNode& n, GraphBuilder& g) {
  const Value scores = n.input(0);
  if (!scores) return refuse(n, Cause::dangling_reference, "'SoftmaxCrossEntropyLoss' needs scores");
  const auto rank = rank_of(scores);
  if (!rank || *rank < 2) return refuse(n, Cause::shape_mismatch, "the scores have no dimension of classes");
  // log_softmax goes along the last axis.
  std::vector<std::int64_t> last, back;
  const auto r = static_cast<std::int64_t>(*rank);
  last.push_back(0);
  for (std::int64_t d = 2; d < r; ++d) last.push_back(d);
  last.push_back(1);
  back = {0, r - 1};
  for (std::int64_t d = 1; d + 1 < r; ++d) back.push_back(d);
  Value logs = r > 2 ? transpose(g, scores, last) : scores;
  logs = g.add("log_softmax", {logs});
  if (r > 2) logs = transpose(g, logs, back);
  Attributes a{{"reduction", n.text("reduction", "mean")}};
  if (n.attribute("ignore_index")) {
    a.set("ignore_index", n.integer("ignore_index"));
    a.set("ignores", std::int64_t{1});
  }
  const Value loss = g.add("onnx.negative_log_likelihood_loss", {logs, n.input(1), n.input(2)}, std::move(a));
  return Outputs{loss, logs};
}

Result<Outputs> lower_unique(const SourceNode& n, GraphBuilder& g) {
  return g.add("onnx.unique", {n.input(0)},
               {{"axis", n.integer("axis")}, {"flat", std::int64_t{!n.attribute("axis")}}, {"sorted", n.integer("sorted", 1)}});
}

Result<Outputs> lower_tf_idf(const SourceNode& n, GraphBuilder& g) {
  Attributes a{{"max_gram_length", n.integer("max_gram_length", 1)},
               {"min_gram_length", n.integer("min_gram_length", 1)},
               {"max_skip_count", n.integer("max_skip_count")},
               {"mode", n.text("mode", "TF")}};
  for (const std::string_view key : {"ngram_counts", "ngram_indexes", "pool_int64s", "pool_strings", "weights"})
    if (auto value = n.attribute(key)) a.set(key, *std::move(value));
  return g.add("onnx.tf_idf_vectorizer", {n.input(0)}, std::move(a));
}

}  // namespace qgraph::formats::onnx
