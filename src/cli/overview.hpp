// What `inspect` shows of a model, from the file as stored or from a Graph.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "load/pipeline.hpp"

namespace qgraph::cli {

struct TensorLine {
  std::string name{}, dtype{}, shape{}, role{};  ///< role: input, output, constant, state or value
  std::int64_t index = -1, graph = 0;
  std::uint64_t bytes = 0;  ///< stored
  std::vector<double> scales{};
  std::vector<std::int64_t> zero_points{};
  int axis = -1;
  std::int64_t block_size = 0;
};

struct Overview {
  std::string format{}, producer{};
  int format_version = 0;
  std::uint64_t file_bytes = 0, constant_bytes = 0;
  std::size_t graphs = 0, nodes = 0;
  std::map<std::string, std::size_t> ops{};                ///< "CONV_2D:qint8" by the dtype of the primary operand
  std::vector<TensorLine> inputs{}, outputs{}, tensors{};  ///< of the main graph; all of all graphs
  std::vector<std::string> signatures{};
};

/// Nothing where nothing of the file could be read.
std::optional<Overview> overview_of(const Opened& opened);

}  // namespace qgraph::cli
