// Ten thousand damaged copies of sound models, the same ones each time: none may crash, hang, or take memory beyond its limits.
#include "support/mutants.hpp"

#include <chrono>
#include <cstring>
#include <random>

#include "formats/tflite/models.hpp"
#include "qgraph/load.hpp"
#include "support/catch.hpp"

namespace qgraph {
namespace {

constexpr Budgets small = test::mutant_budgets;

/// Numbers at the edge of what offsets and counts can be, and offsets to elsewhere.
std::vector<std::byte> mutant(const std::vector<std::byte>& sound, std::mt19937& random) {
  return test::mutant(sound, random, 8, [](std::vector<std::byte>& out, std::size_t at, std::size_t which, test::Below below) {
    const auto size = static_cast<std::uint32_t>(out.size());
    const std::uint32_t edge[] = {0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 1000000, size};
    const auto written = which == 0 ? edge[below(std::size(edge))] : static_cast<std::uint32_t>(below(size));
    std::memcpy(out.data() + at / 4 * 4, &written, 4);
  });
}

TEST_CASE("damaged models are refused or loaded, never more", "[mutants]") {
  std::vector<std::vector<std::byte>> sound;
  for (const std::string& name : test::made_models()) sound.push_back(test::made_model(name));
  std::mt19937 random(20240607);
  std::size_t loaded = 0, refused = 0;
  std::chrono::steady_clock::duration slowest{};
  for (int i = 0; i < 10000; ++i) {
    const auto bytes = mutant(sound[static_cast<std::size_t>(i) % sound.size()], random);
    const auto begin = std::chrono::steady_clock::now();
    const LoadResult r = try_load_graph(bytes, {.keep_unknown = i % 3 == 0, .budgets = small});
    slowest = std::max(slowest, std::chrono::steady_clock::now() - begin);
    if (r.model.empty()) {
      CHECK(r.report.has_errors());
      ++refused;
    } else {
      CHECK_FALSE(r.report.has_errors());
      ++loaded;
    }
  }
  CHECK(loaded > 500);
  CHECK(refused > 2000);
  CHECK(slowest < std::chrono::seconds(10));  // a hang, not a busy machine
}

TEST_CASE("damaged models are patched or refused", "[mutants]") {
  std::vector<std::vector<std::byte>> sound;
  for (const std::string& name : test::made_models()) sound.push_back(test::made_model(name));
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    const auto bytes = mutant(sound[static_cast<std::size_t>(i) % sound.size()], random);
    const auto r = test::read_tflite(bytes, small);
    if (!r.model || r.model->graphs[0].nodes.empty() || r.model->graphs[0].tensors.empty()) continue;
    const std::vector<std::int8_t> data{1, 2, 3};
    const source::SourceTensor added{
        .dtype = DType::int8,
        .shape = Shape{3},
        .data = {.encoding = source::Encoding::raw, .bytes = Buffer::of(std::span<const std::int8_t>(data))}};
    const std::vector<source::Edit> edits{source::SetDType{{0, 0}, DType::int8},
                                          source::SetShape{{0, 0}, Shape{-1, 3}},
                                          source::SetQuantization{0, {0, 0}, {.scales = {0.5F}, .zero_points = {1}}},
                                          source::SetInput{{0, 0}, 0, {0, 0}},
                                          source::AddTensor{0, added, "added"},
                                          source::SetVersion{{0, 0}, 2},
                                          source::RemoveNode{{0, 0}}};
    for (std::size_t n = 1; n <= edits.size(); ++n) {
      const auto patched = find_format("tflite")->patch(*r.model, std::span(edits).first(n));
      if (!patched) continue;
      CHECK(test::read_tflite(*patched).model);
    }
  }
}

}  // namespace
}  // namespace qgraph
