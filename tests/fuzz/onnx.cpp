// libFuzzer: ONNX bytes.
#include "load.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return qgraph::fuzz::load("onnx", data, size);
}
