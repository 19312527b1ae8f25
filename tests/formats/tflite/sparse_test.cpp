// Sparse tensors: compressed rows and columns, blocks, and lists that contradict each other.
#include "formats/tflite/models.hpp"
#include "support/catch.hpp"
#include "tflite_generated.h"

namespace qgraph {
namespace {

using test::read_tflite;

/// A dense level of a size, or a compressed one.
struct Level {
  int size = 0;
  std::vector<std::uint8_t> segments{};
  std::vector<std::uint16_t> indices{};
};
struct Sparsity {
  std::vector<std::int32_t> order, block_map;
  std::vector<Level> levels;
};

/// A model of one sparse tensor.
std::vector<std::byte> sparse_model(const Sparsity& s, const std::vector<std::int32_t>& shape,
                                    const std::vector<std::uint8_t>& values) {
  flatbuffers::FlatBufferBuilder b;
  std::vector<flatbuffers::Offset<tflite::DimensionMetadata>> levels;
  for (const Level& l : s.levels) {
    if (l.segments.empty()) {
      levels.push_back(tflite::CreateDimensionMetadata(b, tflite::DimensionType::DENSE, l.size));
      continue;
    }
    const auto segments = tflite::CreateUint8VectorDirect(b, &l.segments).Union();
    const auto indices = tflite::CreateUint16VectorDirect(b, &l.indices).Union();
    levels.push_back(tflite::CreateDimensionMetadata(b, tflite::DimensionType::SPARSE_CSR, 0,
                                                     tflite::SparseIndexVector::Uint8Vector, segments,
                                                     tflite::SparseIndexVector::Uint16Vector, indices));
  }
  const auto sparsity = tflite::CreateSparsityParametersDirect(b, &s.order, &s.block_map, &levels);
  const std::vector tensors{tflite::CreateTensorDirect(b, &shape, tflite::TensorType::INT8, 1, "w", 0, false, sparsity)};
  const std::vector graphs{tflite::CreateSubGraphDirect(b, &tensors)};
  const std::vector buffers{tflite::CreateBuffer(b), tflite::CreateBufferDirect(b, &values)};
  b.Finish(tflite::CreateModelDirect(b, 3, nullptr, &graphs, nullptr, &buffers), "TFL3");
  const auto* p = reinterpret_cast<const std::byte*>(b.GetBufferPointer());
  return {p, p + b.GetSize()};
}

std::vector<int> dense_values(const std::vector<std::byte>& bytes) {
  const auto r = read_tflite(bytes);
  REQUIRE(r.model);
  const auto data = r.model->data({0, 0});
  if (!data) return {};
  std::vector<int> out;
  for (const std::byte b : data->bytes) out.push_back(static_cast<std::int8_t>(std::to_integer<int>(b)));
  return out;
}

TEST_CASE("sparse tensors become dense") {
  const Sparsity rows{{0, 1}, {}, {{.size = 3}, {.segments = {0, 2, 2, 3}, .indices = {0, 3, 1}}}};
  CHECK(dense_values(sparse_model(rows, {3, 4}, {5, 6, 7})) == std::vector<int>{5, 0, 0, 6, 0, 0, 0, 0, 0, 7, 0, 0});
  Sparsity columns = rows;
  columns.order = {1, 0};
  CHECK(dense_values(sparse_model(columns, {4, 3}, {5, 6, 7})) == std::vector<int>{5, 0, 0, 0, 0, 7, 0, 0, 0, 6, 0, 0});
  // 2x2 blocks of a 4x4 matrix: the upper right and the lower left one are stored.
  const Sparsity blocks{
      {0, 1, 2, 3}, {0, 1}, {{.size = 2}, {.segments = {0, 1, 2}, .indices = {1, 0}}, {.size = 2}, {.size = 2}}};
  CHECK(dense_values(sparse_model(blocks, {4, 4}, {1, 2, 3, 4, 5, 6, 7, 8})) ==
        std::vector<int>{0, 0, 1, 2, 0, 0, 3, 4, 5, 6, 0, 0, 7, 8, 0, 0});
}

TEST_CASE("sparse lists that contradict each other are an error, not a wrong tensor") {
  const Sparsity rows{{0, 1}, {}, {{.size = 3}, {.segments = {0, 2, 2, 3}, .indices = {0, 3, 1}}}};
  const auto error_of = [](const Sparsity& s, std::vector<std::int32_t> shape, std::vector<std::uint8_t> values) {
    const auto bytes = sparse_model(s, shape, values);
    const auto r = read_tflite(bytes);
    REQUIRE(r.model);
    const auto data = r.model->data({0, 0});
    return data ? std::string("none") : data.error().diagnostics[0].code;
  };
  CHECK(error_of(rows, {3, 4}, {5, 6, 7}) == "none");
  CHECK(error_of(rows, {3, 3}, {5, 6, 7}) == "QG1016");     // index 3 lies outside
  CHECK(error_of(rows, {3, 4}, {5, 6}) == "QG1016");        // a value is missing
  CHECK(error_of(rows, {3, 4}, {5, 6, 7, 8}) == "QG1016");  // one too many
  Sparsity s = rows;
  s.order = {0, 0};
  CHECK(error_of(s, {3, 4}, {5, 6, 7}) == "QG1016");
  s = rows;
  s.levels[1].segments = {0, 2, 1, 3};
  CHECK(error_of(s, {3, 4}, {5, 6, 7}) == "QG1016");
  s = rows;
  s.levels[1].indices = {3, 0, 1};
  CHECK(error_of(s, {3, 4}, {5, 6, 7}) == "QG1016");
  s = rows;
  s.levels[0].size = 1 << 30;
  CHECK(error_of(s, {3, 4}, {5, 6, 7}) == "QG1016");
}

}  // namespace
}  // namespace qgraph
