// Tensors for tests: from JSON and .npy, and how two of them differ.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "qgraph/graph.hpp"

namespace qgraph::test {

/// {"dtype", "shape", "data": [...] | "base64": "..."}; strings are packed as DType::string says.
Tensor tensor_from_json(const nlohmann::json& json);
/// A .npy file, version 1 or 2, little-endian, C order. Fixed-width bytes become strings.
Tensor read_npy(const std::filesystem::path& file);

struct Tolerance {
  double fraction = 1e-5;  ///< of the largest expected magnitude; complex and float elements
  std::int64_t steps = 0;  ///< how far integers may be apart
  bool bits = false;       ///< floats too must be the same bytes
};
/// Empty where they agree, else how they differ. The storage dtype, the shape and the elements count; quantization does not.
std::string difference(const TensorView& got, const Tensor& expected, const Tolerance& tolerance = {});

}  // namespace qgraph::test
