// What .qg and the full form of qgraph JSON hold, before it is believed: a Model with op names and unchecked indices.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "qgraph/load.hpp"

namespace qgraph::formats {

struct StoredNode {
  std::string op{}, name{};
  std::vector<std::uint32_t> inputs{}, outputs{}, bodies{};  ///< inputs: TensorId::none where left out
  Attributes attributes{};
  std::int64_t source_index = -1;
};

struct StoredGraph {
  std::string name{};
  std::vector<GraphTensor> tensors{};
  std::vector<StoredNode> nodes{};
  std::vector<std::uint32_t> inputs{}, outputs{};
};

struct StoredModel {
  std::vector<StoredGraph> graphs{};
  std::vector<Signature> signatures{};
  std::vector<Variable> variables{};
  std::map<std::string, std::string> metadata{};
  std::string format{};
};

/// Checks every index, and builds the graphs anew with GraphBuilder, so that what comes out is as valid as what a loader makes.
/// Refuses by name the ops and attributes that this version does not know.
Result<Model> rebuild(StoredModel stored, const Budgets& budgets);

/// The other way. Fails on what a file cannot hold: ops that a host brought with their kernels.
Result<StoredModel> take_apart(const Model& model);

}  // namespace qgraph::formats
