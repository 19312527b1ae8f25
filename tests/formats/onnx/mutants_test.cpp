// Damaged copies of sound models, the same ones each time: none may crash, hang, or take memory beyond its limits.
#include "support/mutants.hpp"

#include <chrono>
#include <cstring>
#include <random>

#include "formats/onnx/models.hpp"
#include "qgraph/qgraph.hpp"
#include "support/catch.hpp"

namespace qgraph {
namespace {

namespace of = formats::onnx;

constexpr Budgets small = test::mutant_budgets;

/// Long varints, and bytes that are keys of fields. Names and lengths are hit often: they lie everywhere.
std::vector<std::byte> mutant(const std::vector<std::byte>& sound, std::mt19937& random) {
  return test::mutant(sound, random, 12, [](std::vector<std::byte>& out, std::size_t at, std::size_t which, test::Below below) {
    if (which == 0)
      std::memset(out.data() + at, 0xFF, 1 + below(11));
    else
      out[at] = static_cast<std::byte>(below(32) << 3U | below(6));
  });
}

TEST_CASE("damaged ONNX models are refused or loaded, never more", "[mutants]") {
  std::vector<std::vector<std::byte>> sound;
  for (const std::string& name : test::onnx_models()) sound.push_back(test::onnx_model(name));
  REQUIRE_FALSE(sound.empty());
  std::mt19937 random(20240607);
  std::size_t loaded = 0, refused = 0;
  std::chrono::steady_clock::duration slowest{};
  for (int i = 0; i < 6000; ++i) {
    const auto bytes = mutant(sound[static_cast<std::size_t>(i) % sound.size()], random);
    const auto begin = std::chrono::steady_clock::now();
    const LoadResult r = try_load_graph(bytes, {.keep_unknown = i % 3 == 0, .format = "onnx", .budgets = small});
    slowest = std::max(slowest, std::chrono::steady_clock::now() - begin);
    CHECK(r.model.empty() == r.report.has_errors());
    ++(r.model.empty() ? refused : loaded);
  }
  CHECK(loaded > 100);
  CHECK(refused > 1000);
  CHECK(slowest < std::chrono::seconds(10));  // a hang, not a busy machine
}

TEST_CASE("damaged ONNX models are patched or refused", "[mutants]") {
  std::vector<std::vector<std::byte>> sound;
  for (const std::string& name : test::onnx_models()) sound.push_back(test::onnx_model(name));
  std::mt19937 random(7);
  for (int i = 0; i < 1000; ++i) {
    const auto bytes = mutant(sound[static_cast<std::size_t>(i) % sound.size()], random);
    const auto r = test::read_onnx(bytes, small);
    if (!r.model || r.model->graphs[0].nodes.empty() || r.model->graphs[0].tensors.empty()) continue;
    const std::vector<source::Edit> edits{source::SetDType{{0, 0}, DType::int8}, source::SetShape{{0, 0}, Shape{-1, 3}},
                                          source::SetInput{{0, 0}, 0, {0, 0}},
                                          source::SetAttribute{{0, 0}, "axis", std::int64_t{1}}, source::RemoveNode{{0, 0}}};
    for (std::size_t n = 1; n <= edits.size(); ++n) {
      const auto patched = find_format("onnx")->patch(*r.model, std::span(edits).first(n));
      if (!patched) continue;
      CHECK(test::read_onnx(*patched).model);
    }
  }
}

/// If in If in If ...: `depth` of them.
void nest(of::MessageEdit& graph, int depth) {
  if (depth == 0) return;
  of::MessageEdit& node = test::OnnxBuilder::node(graph, "If", {"c"}, {"y"});
  for (const char* which : {"then_branch", "else_branch"})
    nest(test::OnnxBuilder::body(node, which), which[0] == 't' ? depth - 1 : 0);
}

TEST_CASE("ONNX bombs end in a diagnostic") {
  using B = test::OnnxBuilder;
  const auto refused_with = [](const std::vector<std::byte>& bytes, std::string_view code) {
    const LoadResult r = try_load_graph(bytes, {.format = "onnx"});
    CHECK(r.model.empty());
    return std::ranges::any_of(r.report.diagnostics, [&](const Diagnostic& d) { return d.code == code; });
  };
  {
    B b;
    nest(*b.graph, 500);
    CHECK(refused_with(b.bytes(), "QG9002"));
  }
  {
    // Functions that call the next one twice: 2^40 nodes, or each other for ever.
    B b;
    for (int i = 0; i < 40; ++i) {
      of::MessageEdit& f = b.file.add_message(of::model_field::functions);
      f.add_text(of::function_field::name, "F" + std::to_string(i));
      f.add_text(of::function_field::domain, "mine");
      f.add_text(of::function_field::input, "a");
      f.add_text(of::function_field::output, "b");
      B::node(f, "F" + std::to_string(i + 1), {"a"}, {"t"}, "mine", of::function_field::node);
      B::node(f, "F" + std::to_string(i + 1), {"t"}, {"b"}, "mine", of::function_field::node);
    }
    B::value(*b.graph, of::graph_field::input, "x", DType::float32, {2});
    B::node(*b.graph, "F0", {"x"}, {"y"}, "mine");
    B::value(*b.graph, of::graph_field::output, "y", DType::float32, {2});
    CHECK(refused_with(b.bytes(), "QG9002"));
  }
  {
    B b;
    of::MessageEdit& f = b.file.add_message(of::model_field::functions);
    f.add_text(of::function_field::name, "F");
    f.add_text(of::function_field::domain, "mine");
    f.add_text(of::function_field::output, "b");
    B::node(f, "F", {}, {"b"}, "mine", of::function_field::node);
    B::node(*b.graph, "F", {}, {"y"}, "mine");
    B::value(*b.graph, of::graph_field::output, "y", DType::float32, {2});
    CHECK(refused_with(b.bytes(), "QG9002"));
  }
  {
    // A sparse tensor of a tebibyte.
    B b;
    of::MessageEdit& sparse = b.graph->add_message(of::graph_field::sparse_initializer);
    B::tensor(sparse, "w", 1, Shape{0}, 1);
    B::tensor(sparse, "", 7, Shape{0}, 2);
    sparse.add_integer(3, std::int64_t{1} << 38);
    B::node(*b.graph, "Relu", {"w"}, {"y"});
    B::value(*b.graph, of::graph_field::output, "y", DType::float32, Shape::unknown_rank());
    CHECK(refused_with(b.bytes(), "QG9002"));
  }
}

}  // namespace
}  // namespace qgraph
