// The TensorFlow Lite format: how its files are known, and its functions.
#include "formats/format.hpp"

#include "core/byte_reader.hpp"
#include "formats/tflite/op_table.hpp"
#include "formats/tflite/patch.hpp"
#include "formats/tflite/read.hpp"
#include "formats/tflite/structure.hpp"
#include "tflite_generated.h"

namespace qgraph::formats::tflite {
namespace {

/// A file with another identifier, or none: it must be a model all through.
bool is_model_inside(std::span<const std::byte> bytes) {
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % 8 != 0 || !verify(bytes, Budgets{})) return false;
  const auto* model = ::tflite::GetModel(bytes.data());
  return model->version() < 16 && model->operator_codes() && model->subgraphs() && model->subgraphs()->size() > 0 &&
         model->subgraphs()->Get(0)->tensors();
}

int sniff(std::span<const std::byte> bytes, std::string_view extension) {
  const ByteReader reader(bytes);
  if (reader.starts_with("TFL3", 4)) return 3;
  if (reader.starts_with("TFL", 4) || is_model_inside(bytes)) return 2;
  return extension == ".tflite" || extension == ".lite" ? 1 : 0;
}

}  // namespace

extern const Format format{
    .name = "tflite",
    .title = "TensorFlow Lite",
    .extensions = ".tflite .lite",
    .sniff = &sniff,
    .read = &read,
    .patch = &patch,
    .ops = op_table(),
};

}  // namespace qgraph::formats::tflite
