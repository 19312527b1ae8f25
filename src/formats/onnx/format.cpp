// The ONNX format: how its files are known, and its functions.
#include "formats/format.hpp"

#include "formats/onnx/op_table.hpp"
#include "formats/onnx/patch.hpp"
#include "formats/onnx/read.hpp"

namespace qgraph::formats::onnx {
namespace {

int sniff(std::span<const std::byte> bytes, std::string_view extension) {
  if (looks_like_model(bytes)) return 2;
  return extension == ".onnx" ? 1 : 0;
}

}  // namespace

extern const Format format{
    .name = "onnx",
    .title = "ONNX",
    .extensions = ".onnx",
    .sniff = &sniff,
    .read = &read,
    .patch = &patch,
    .ops = op_table(),
};

}  // namespace qgraph::formats::onnx
