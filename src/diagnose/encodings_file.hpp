// The scales of a model in a JSON file beside it, as AIMET writes them ("encodings", of its versions 0.6, 1.0 and 2.0).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "qgraph/dtype.hpp"

namespace qgraph::diagnose {

/// How one tensor, by name, is quantized.
struct TensorEncoding {
  std::string name{};
  DType dtype = DType::unknown;
  std::vector<float> scales{};
  std::vector<std::int64_t> zero_points{};  ///< as many as scales
  std::optional<std::int64_t> axis{};       ///< as written; several scales without one stand along the op's channels
};

struct EncodingsFile {
  std::filesystem::path path{};
  std::vector<TensorEncoding> tensors{};  ///< sorted by name, each once
  std::size_t left_out = 0;               ///< of floats, of blocks, or of widths that no QuantizeLinear has
};

/// Nothing where the text is none such.
std::optional<EncodingsFile> parse_encodings(std::string_view text);
/// That of the same stem in the model's folder; nothing where there is none, or it cannot be read.
std::optional<EncodingsFile> encodings_beside(const std::filesystem::path& model);

}  // namespace qgraph::diagnose
