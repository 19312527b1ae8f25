// load_graph(): a quantized graph from a file or from memory.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string_view>

#include "qgraph/registry.hpp"

namespace qgraph {

/// Bounds on what a hostile file can make the loader do. Exceeding one is a resource-limit error.
struct Budgets {
  std::uint64_t file_bytes = std::uint64_t{8} << 30;
  std::uint64_t tensor_bytes = std::uint64_t{4} << 30;   ///< of one tensor
  std::uint64_t decoded_bytes = std::uint64_t{4} << 30;  ///< of all constants that are not stored raw
  std::uint64_t arena_bytes = std::uint64_t{4} << 30;    ///< of a Session's activations
  std::uint32_t nodes = 1U << 20;
  std::uint32_t tensors = 1U << 21;
  std::uint32_t nesting = 64;                   ///< graphs in graphs, functions in functions
  std::uint64_t loop_iterations = 100'000'000;  ///< of one loop in one run
};

enum class LogLevel : std::uint8_t { trace, debug, info, warning, error };

struct LoadOptions {
  const Registry* registry = nullptr;  ///< null: Registry::with_builtins(). Need not outlive the call
  bool keep_unknown = false;           ///< nodes without a handler become opaque, in place of an error
  Confidence fix = Confidence::safe;   ///< how sure a mend must be to be applied in memory
  bool apply_fixes = true;
  std::string format{};  ///< force one: "tflite", "onnx", "json", "qg"; empty: by the bytes
  Budgets budgets{};
  std::function<void(LogLevel, std::string_view)> log{};
};

struct LoadResult {
  Model model{};    ///< empty where the report has errors
  Report report{};  ///< warnings and applied mends exist on success too
};

/// Never throws (but for std::bad_alloc). The file stays mapped while the Model lives.
QGRAPH_API LoadResult try_load_graph(const std::filesystem::path& file, const LoadOptions& options = {});
/// From memory: the bytes must outlive the Model; alignment does not matter.
QGRAPH_API LoadResult try_load_graph(std::span<const std::byte> bytes, const LoadOptions& options = {});
#if QGRAPH_EXCEPTIONS
/// As try_load_graph, but throws LoadError with the whole Report where it has errors.
QGRAPH_API Model load_graph(const std::filesystem::path& file, const LoadOptions& options = {});
QGRAPH_API Model load_graph(std::span<const std::byte> bytes, const LoadOptions& options = {});
#endif

}  // namespace qgraph
