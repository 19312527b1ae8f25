// libFuzzer: ONNX bytes through reader, rules, lowering and, where they load, the plan of a Session.
#include <cstddef>
#include <cstdint>

#include "qgraph/qgraph.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const qgraph::Budgets small{.file_bytes = 1 << 20,
                              .tensor_bytes = 1 << 22,
                              .decoded_bytes = 1 << 22,
                              .arena_bytes = 1 << 22,
                              .nodes = 2000,
                              .tensors = 4000,
                              .nesting = 8,
                              .loop_iterations = 100};
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  (void)qgraph::check(bytes, {.format = "onnx", .budgets = small});
  qgraph::LoadResult loaded = qgraph::try_load_graph(bytes, {.keep_unknown = true, .format = "onnx", .budgets = small});
  (void)loaded.report.to_string();
  if (loaded.model.empty()) return 0;
  (void)qgraph::Session::create(loaded.model, {.budgets = small});
  return 0;
}
