// What is done to a Graph before it runs with fast kernels: one pass per file, in the order of the list in passes.cpp.
#pragma once

#include "runtime/passes/draft.hpp"

namespace qgraph::runtime::passes {

struct Pass {
  std::string_view name{};
  /// Could it find anything in such a graph? Looks at no more than each node once.
  bool (*concerns)(const Graph& graph) = nullptr;
  void (*run)(Draft& draft) = nullptr;
};
std::span<const Pass> all() noexcept;

/// The model with graphs that give the same results, up to one quantization step where a float result lies between two, and run
/// faster. The same model where there is nothing to do.
Model apply(const Model& model);

/// Passes; one file each.
extern const Pass constants, views, islands, layers, activations, multipliers, layout, chains;

}  // namespace qgraph::runtime::passes
