// SessionOptions::packed_weights_cache: what later Sessions find, and files that are not as they should be.
#include "runtime/packed_cache.hpp"

#include <cstdlib>
#include <fstream>

#include "kernels/cpu.hpp"
#include "qgraph/builder.hpp"
#include "qgraph/session.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

namespace qgraph::test {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() /
                  ("qgraph_packed_" + std::to_string(std::rand()) + "_" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
  Folder() { fs::create_directories(path); }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

std::vector<std::byte> noise(std::size_t count, std::uint32_t seed) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>((i * (2 * seed + 1)) * 2654435761U >> 11);
  return bytes;
}

/// A convolution, one of two groups, and a matrix product with unsigned weights whose zero point is not in the middle.
Model layers(std::uint32_t seed) {
  GraphBuilder g;
  const TensorType image{Quantized(DType::uint8, 0.1F, 7), Shape{1, 6, 6, 8}},
      out{Quantized(DType::uint8, 2.5F, 100), Shape::unknown_rank()};
  const auto weights = [&](Shape shape, std::int64_t zero_point, std::uint32_t more) {
    const TensorType type{Quantized(DType::uint8, 0.02F, zero_point), std::move(shape)};
    return g.constant(type, Buffer::copy_of(noise(*type.bytes(), seed + more)));
  };
  const Value x = g.input("x", image);
  const Value a = g.add("conv_2d", {x, weights(Shape{20, 3, 3, 8}, 128, 1)}, {{"padding", std::string("same")}}, {out});
  const Value b = g.add("conv_2d", {a, weights(Shape{24, 1, 1, 10}, 9, 2)}, {}, {out});
  const TensorType sums{Quantized(DType::uint8, 60.0F, 100), Shape::unknown_rank()};
  g.set_outputs({g.add("fully_connected", {b, weights(Shape{33, 864}, 3, 3)}, {}, {sums})});
  return Model({.graphs = {g.finish().value()}});
}

struct Outcome {
  std::vector<std::byte> output{};
  SessionStats stats{};
  bool operator==(const Outcome& other) const { return output == other.output; }
};

Outcome run(const Model& model, const fs::path& cache, std::string_view cpu = {}) {
  const char* kept = std::getenv("QGRAPH_CPU");
  const std::string before = kept ? kept : "";
  if (!cpu.empty()) setenv("QGRAPH_CPU", std::string(cpu).c_str(), 1);
  Session session(model, {.packed_weights_cache = cache});
  if (!cpu.empty()) setenv("QGRAPH_CPU", before.c_str(), 1);
  const TensorType& type = session.input_type(0);
  const auto bytes = session.run({Tensor(type, Buffer::copy_of(noise(*type.bytes(), 5)))})[0].bytes;
  return {{bytes.begin(), bytes.end()}, session.stats()};
}

std::string bytes_of(const fs::path& file) { return read_text(file); }
void write(const fs::path& file, const std::string& bytes) { std::ofstream(file, std::ios::binary) << bytes; }

TEST_CASE("a second Session finds what the first has packed", "[runtime]") {
  const Folder folder;
  const fs::path file = folder.path / "weights.packed";
  const Model model = layers(1);
  const Outcome plain = run(model, {}), first = run(model, file);
  CHECK(first == plain);
  CHECK(first.stats.cached_bytes == 0);
  const std::string written = bytes_of(file);
  const Outcome second = run(model, file);
  CHECK(second == plain);
  CHECK(second.stats.cached_bytes > 20 * 72 + 24 * 10 + 33 * 864);
  CHECK(second.stats.packed_bytes == plain.stats.packed_bytes);
  CHECK(bytes_of(file) == written);

  // Another model adds to it.
  const Model other = layers(2);
  const Outcome expected = run(other, {});
  CHECK_FALSE(expected == plain);
  CHECK(run(other, file).stats.cached_bytes == 0);
  CHECK(bytes_of(file).size() > written.size());
  for (const auto& [m, wanted] : {std::pair(model, plain), std::pair(other, expected)}) {
    const Outcome again = run(m, file);
    CHECK(again == wanted);
    CHECK(again.stats.cached_bytes == second.stats.cached_bytes);
  }
  for (const auto& entry : fs::directory_iterator(folder.path)) CHECK(entry.path() == file);  // no temporary one is left
}

TEST_CASE("rows of kernels do not take what was packed for others", "[runtime]") {
  const Folder folder;
  const fs::path file = folder.path / "weights.packed";
  const Model model = layers(3);
  const Outcome plain = run(model, {});
  std::uint64_t all = 0;
  for (int round = 0; round < 2; ++round)
    for (kernels::Cpu cpu : {kernels::Cpu::generic, kernels::best_cpu()}) {
      const Outcome got = run(model, file, name(cpu));
      CHECK(got == plain);
      if (round == 0 && cpu != kernels::Cpu::generic) CHECK(got.stats.cached_bytes == 0);
      if (round == 1) CHECK(got.stats.cached_bytes > 0);
      all = got.stats.cached_bytes;
    }
  CHECK(all > 0);
}

TEST_CASE("a damaged cache is ignored, and written again", "[runtime]") {
  const Folder folder;
  const fs::path file = folder.path / "weights.packed";
  const Model model = layers(4);
  const Outcome plain = run(model, {});
  run(model, file);
  const std::string sound = bytes_of(file);
  const std::uint64_t all = run(model, file).stats.cached_bytes;
  const auto check = [&](const std::string& damaged) {
    write(file, damaged);
    REQUIRE(run(model, file) == plain);
    const Outcome next = run(model, file);
    REQUIRE(next == plain);
    REQUIRE(next.stats.cached_bytes == all);
  };
  // Bytes of the header and of the table, and some of the rest: each of them, in turn, as none should be.
  for (std::size_t at = 0; at < sound.size(); at += at < 48 ? 1 : at < 192 ? 7 : 1999) {
    INFO("byte " << at);
    std::string damaged = sound;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    check(damaged);
  }
  for (std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{47}, std::size_t{48}, std::size_t{100}, sound.size() / 2, sound.size() - 1}) {
    INFO(size << " bytes");
    check(sound.substr(0, size));
  }
  check(sound + std::string(64, '\0'));
  check("no cache at all, but a text that somebody left here");
  fs::remove(file);
  check(sound);
}

TEST_CASE("a cache that cannot be written changes nothing", "[runtime]") {
  const Folder folder;
  const Model model = layers(5);
  const Outcome plain = run(model, {});
  for (const fs::path& file : {folder.path / "none" / "weights.packed", folder.path}) {
    const Outcome got = run(model, file);
    CHECK(got == plain);
    CHECK(got.stats.cached_bytes == 0);
  }
  CHECK(fs::is_empty(folder.path));
}

TEST_CASE("reference kernels pack nothing, and leave no file", "[runtime]") {
  const Folder folder;
  Session session(layers(6), {.kernels = Kernels::reference, .packed_weights_cache = folder.path / "weights.packed"});
  const TensorType& type = session.input_type(0);
  session.run({Tensor(type, Buffer::copy_of(noise(*type.bytes(), 5)))});
  CHECK(fs::is_empty(folder.path));
}

TEST_CASE("hashes tell bytes, their order and their number apart", "[core]") {
  std::vector<Hash128> seen;
  for (std::size_t size : {0U, 1U, 2U, 63U, 64U, 65U, 128U, 1000U}) {
    std::vector<std::byte> bytes(size, std::byte{0});
    seen.push_back(hash128(bytes));
    seen.push_back(hash128(bytes, 1));
    for (std::size_t i = 0; i < size; ++i)
      for (int bit : {0, 7}) {
        bytes[i] ^= static_cast<std::byte>(1 << bit);
        seen.push_back(hash128(bytes));
        bytes[i] ^= static_cast<std::byte>(1 << bit);
      }
  }
  const std::size_t all = seen.size();
  std::ranges::sort(seen);
  CHECK(std::ranges::unique(seen).begin() - seen.begin() == static_cast<std::ptrdiff_t>(all));
  const auto key = [](std::string_view family, std::string_view row, int layout, std::int64_t number) {
    runtime::PackedKey made(family, row, layout);
    made.add(number);
    return made.hash();
  };
  CHECK(key("ab", "c", 1, 2) == key("ab", "c", 1, 2));
  for (const Hash128& other : {key("a", "bc", 1, 2), key("ab", "c", 2, 1), key("ab", "d", 1, 2), key("ab", "c", 1, 3)})
    CHECK_FALSE(key("ab", "c", 1, 2) == other);
}

}  // namespace
}  // namespace qgraph::test
