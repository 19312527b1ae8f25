// The rules as a table: every code with its page, and running them.
#include <algorithm>

#include "diagnose/rule.hpp"
#include "qgraph/check.hpp"

namespace qgraph::diagnose {

namespace rules {
extern const Rule* const list[];
extern const std::size_t list_size;
}  // namespace rules

std::span<const Rule* const> all_rules() noexcept {
  static const std::vector<const Rule*> sorted = [] {
    std::vector<const Rule*> all(rules::list, rules::list + rules::list_size);
    std::ranges::sort(all, {}, &Rule::code);
    return all;
  }();
  return sorted;
}

const Rule* find_rule(std::string_view code) noexcept {
  for (const Rule* rule : all_rules())
    if (rule->code == code) return rule;
  return nullptr;
}

void run_rules(const RuleContext& context, Findings& findings) {
  for (Phase phase : {Phase::bytes, Phase::references, Phase::ops, Phase::sizes, Phase::quantization, Phase::agreement}) {
    for (const Rule* rule : all_rules()) {
      if (rule->phase != phase || !rule->check || (rule->reads_data && !context.read_data)) continue;
      const std::size_t before = findings.list().size();
      rule->check(context, findings);
      for (std::size_t i = before; i < findings.list().size(); ++i) {
        Finding& f = findings.list()[i];
        f.phase = phase;
        if (f.diagnostic.code.empty()) f.diagnostic.code = rule->code;
      }
    }
  }
}

}  // namespace qgraph::diagnose

namespace qgraph {

std::optional<std::string> explain(std::string_view code) {
  const diagnose::Rule* rule = diagnose::find_rule(code);
  if (!rule) return std::nullopt;
  std::string page = std::string(rule->code) + ": " + std::string(rule->title) + "\n\n" + std::string(rule->explanation);
  while (!page.empty() && page.back() == '\n') page.pop_back();
  return page + "\n";
}

std::vector<std::pair<std::string, std::string>> codes() {
  std::vector<std::pair<std::string, std::string>> out;
  for (const diagnose::Rule* rule : diagnose::all_rules()) out.emplace_back(rule->code, rule->title);
  return out;
}

}  // namespace qgraph
