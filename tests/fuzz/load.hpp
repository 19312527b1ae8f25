// What every fuzz target does with bytes: reader, rules, lowering and, where they load, the plan of a Session.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "qgraph/qgraph.hpp"

namespace qgraph::fuzz {

inline int load(const std::string& format, const std::uint8_t* data, std::size_t size) {
  const Budgets small{.file_bytes = 1 << 20,
                      .tensor_bytes = 1 << 22,
                      .decoded_bytes = 1 << 22,
                      .arena_bytes = 1 << 22,
                      .nodes = 2000,
                      .tensors = 4000,
                      .nesting = 8,
                      .loop_iterations = 100};
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  (void)check(bytes, {.format = format, .budgets = small});
  LoadResult loaded = try_load_graph(bytes, {.keep_unknown = true, .format = format, .budgets = small});
  (void)loaded.report.to_string();
  if (loaded.model.empty()) return 0;
  (void)Session::create(loaded.model, {.budgets = small});
  return 0;
}

}  // namespace qgraph::fuzz
