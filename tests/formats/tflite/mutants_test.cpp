// Ten thousand damaged copies of sound models, the same ones each time: none may crash, hang, or take memory beyond its limits.
#include <chrono>
#include <cstring>
#include <random>

#include "formats/tflite/models.hpp"
#include "qgraph/load.hpp"
#include "support/catch.hpp"

namespace qgraph {
namespace {

/// One to four damages: bits, bytes, offsets, a piece copied elsewhere, an end cut off.
std::vector<std::byte> mutant(const std::vector<std::byte>& sound, std::mt19937& random) {
  std::vector<std::byte> out = sound;
  const auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
  const std::size_t damages = 1 + below(4);
  for (std::size_t d = 0; d < damages && out.size() > 16; ++d) {
    const std::size_t at = below(out.size() - 8);
    switch (below(6)) {
      case 0: out[at] ^= static_cast<std::byte>(1U << below(8)); break;
      case 1: out[at] = static_cast<std::byte>(below(256)); break;
      case 2: {
        const std::uint32_t edge[] = {0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 1000000, static_cast<std::uint32_t>(out.size())};
        std::memcpy(out.data() + at / 4 * 4, &edge[below(std::size(edge))], 4);
        break;
      }
      case 3: {
        const auto offset = static_cast<std::uint32_t>(below(out.size()));
        std::memcpy(out.data() + at / 4 * 4, &offset, 4);
        break;
      }
      case 4: {
        const std::size_t length = 1 + below(64), from = below(out.size());
        std::memmove(out.data() + at, out.data() + from, std::min({length, out.size() - at, out.size() - from}));
        break;
      }
      default:
        if (below(4) == 0) out.resize(below(out.size()));
        break;
    }
  }
  return out;
}

constexpr Budgets small{.file_bytes = 1 << 20,
                        .tensor_bytes = 1 << 22,
                        .decoded_bytes = 1 << 22,
                        .arena_bytes = 1 << 22,
                        .nodes = 2000,
                        .tensors = 4000,
                        .nesting = 8,
                        .loop_iterations = 1000};

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
  CHECK(slowest < std::chrono::seconds(2));
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
