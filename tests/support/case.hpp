// Cases of tests/ops/*.json: a model, inputs and the outputs that others say are right; tools/litert_cases.py makes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "qgraph/load.hpp"
#include "qgraph/session.hpp"
#include "support/tensors.hpp"

namespace qgraph::test {

struct Run {
  std::vector<Tensor> inputs{};
  std::vector<Tensor> outputs{};
};

struct Case {
  std::string name{};  ///< "add/int8_relu"
  std::string by{};    ///< who says what is right
  std::vector<std::byte> model{};
  std::vector<Run> runs{};  ///< one after the other in one Session
  std::string code{};       ///< not empty: the model must be refused with this code
  std::optional<double> tolerance{};
};

std::vector<Case> read_cases(const std::filesystem::path& file);
/// Runs all runs of a case in a new Session. Empty where every output is right, else the first that is not.
std::string run_case(const Model& model, const Case& c, const SessionOptions& options);

}  // namespace qgraph::test
