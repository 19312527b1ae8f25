// Times of nodes over several runs, for `qgraph bench --profile`.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "qgraph/session.hpp"

namespace qgraph::cli {

class ProfileTable {
 public:
  /// Takes the last run's times.
  void add(const Session& session);
  /// Sorted by time, with a total; as text, or as the value of "nodes" and "total".
  std::string text() const;
  void write(nlohmann::ordered_json& json) const;

 private:
  struct Row {
    NodeProfile node{};
    std::string op{}, name{};            ///< the node's, which end with the Session
    std::vector<double> microseconds{};  ///< of each run that the node took part in
    double least = 0, median = 0, share = 0;
  };
  /// By falling median; shares are of the sum of medians.
  struct Total;
  std::vector<Row> sorted() const;

  std::vector<Row> rows_{};
};

}  // namespace qgraph::cli
