// A rule is a file of src/diagnose/rules: check, explanation and mend. Codes: 1xxx bytes and format, 2xxx ops and registry,
// 3xxx dtypes and quantization, 4xxx shapes and structure, 9xxx limits.
#pragma once

#include <string_view>

#include "diagnose/finding.hpp"
#include "qgraph/load.hpp"
#include "source/uses.hpp"

namespace qgraph::diagnose {

struct RuleContext {
  const source::Model& model;
  const source::Uses& uses;
  const Registry& registry;
  const LoadOptions& options;
  bool read_data = false;  ///< may look at weights (check and fix)
};

struct Rule {
  std::string_view code{};   ///< "QG3101"
  std::string_view title{};  ///< one line: "declared dtype contradicts the stored bytes"
  Phase phase = Phase::references;
  bool reads_data = false;         ///< needs RuleContext::read_data
  std::string_view explanation{};  ///< the page: what it means, how it comes about, what mends it. Markdown
  void (*check)(const RuleContext&, Findings&) = nullptr;  ///< null: found elsewhere (readers), the page stands here
};

/// Sorted by code; generated from the files of src/diagnose/rules.
std::span<const Rule* const> all_rules() noexcept;

/// Null: no rule has this code.
const Rule* find_rule(std::string_view code) noexcept;

/// Runs the rules phase by phase over a model. `findings` holds what the reader found already.
void run_rules(const RuleContext&, Findings& findings);
/// Puts consequences under their causes, merges same code and same wrong value into one with many places, sorts.
std::vector<Finding> fold(Findings&&);
Report to_report(const source::Model* model, std::vector<Finding> folded);

}  // namespace qgraph::diagnose
