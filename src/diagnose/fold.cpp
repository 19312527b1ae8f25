// fold(): one diagnostic per cause. What rests on a broken fact goes under the finding that broke it; what is wrong in the same
// way in many places becomes one finding with many places.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "diagnose/rule.hpp"

namespace qgraph::diagnose {
namespace {

bool structural(const source::Edit& edit) {
  return std::holds_alternative<source::AddTensor>(edit) || std::holds_alternative<source::AddNode>(edit) ||
         std::holds_alternative<source::RemoveNode>(edit) || std::holds_alternative<source::MoveNode>(edit);
}

auto place_order(const Place& p) {
  return std::tie(p.graph, p.node_index, p.input, p.tensor_index, p.attribute, p.byte_offset, p.tensor, p.node_name);
}

/// The same sort of mistake with the same wrong value.
auto merge_key(const Finding& f) {
  const Diagnostic& d = f.diagnostic;
  const bool valued = !d.found.empty();
  return std::tuple{d.severity,
                    d.code,
                    d.cause,
                    valued ? d.found : d.headline,
                    d.expected,
                    d.fix ? d.fix->id : std::string(),
                    d.fix ? d.fix->confidence : Confidence::needs_input};
}

void merge(Finding& into, Finding&& from) {
  Diagnostic& a = into.diagnostic;
  Diagnostic& b = from.diagnostic;
  for (Place& p : b.places)
    if (std::ranges::find(a.places, p) == a.places.end()) a.places.push_back(std::move(p));
  if (a.fix && b.fix)
    a.fix->max_change =
        a.fix->max_change && b.fix->max_change ? std::optional(std::max(*a.fix->max_change, *b.fix->max_change)) : std::nullopt;
  std::ranges::move(b.consequences, std::back_inserter(a.consequences));
  std::ranges::move(from.breaks, std::back_inserter(into.breaks));
  std::ranges::move(from.rests_on, std::back_inserter(into.rests_on));
  // Positions in structural edits hold only for the model before them: the others' turn comes when the rules run again.
  if (std::ranges::none_of(from.edits, structural)) std::ranges::move(from.edits, std::back_inserter(into.edits));
}

/// The position in `list` of the finding that each goes under; its own where it is a cause itself.
std::vector<std::size_t> causes(const std::vector<Finding>& list) {
  std::vector<std::size_t> cause(list.size());
  std::map<Fact, std::size_t> broken;  // the first finding that broke it
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Finding& f = list[i];
    cause[i] = i;
    const auto under = [&](const Fact& fact) {
      const auto it = broken.find(fact);
      if (it == broken.end() || it->second == i) return false;
      const std::size_t root = cause[it->second];
      if (list[root].diagnostic.severity > f.diagnostic.severity) return false;  // a warning hides no error
      cause[i] = root;
      return true;
    };
    if (f.phase == Phase::bytes || !under(Fact::file())) (void)std::ranges::any_of(f.rests_on, under);
    if (f.diagnostic.severity == Severity::note) continue;
    for (const Fact& fact : f.breaks) broken.try_emplace(fact, i);
  }
  return cause;
}

}  // namespace

std::vector<Finding> fold(Findings&& findings) {
  std::vector<Finding> list = std::move(findings.list());
  std::ranges::stable_sort(list, {}, &Finding::phase);
  const std::vector<std::size_t> cause = causes(list);
  for (std::size_t i = list.size(); i-- > 0;) {
    if (cause[i] == i) continue;
    // Under the root, in the order found (this loop runs backwards).
    auto& under = list[cause[i]].diagnostic.consequences;
    std::vector<Diagnostic> own = std::move(list[i].diagnostic.consequences);
    under.insert(under.begin(), std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
    under.insert(under.begin(), std::move(list[i].diagnostic));
  }
  std::vector<Finding> folded;
  std::map<decltype(merge_key(list[0])), std::size_t> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (cause[i] != i) continue;
    const auto [it, fresh] = seen.try_emplace(merge_key(list[i]), folded.size());
    if (fresh)
      folded.push_back(std::move(list[i]));
    else
      merge(folded[it->second], std::move(list[i]));
  }
  static const Place nowhere{};
  const auto first = [](const Finding& f) -> const Place& {
    return f.diagnostic.places.empty() ? nowhere : f.diagnostic.places[0];
  };
  std::ranges::stable_sort(folded, [&](const Finding& a, const Finding& b) {
    if (a.diagnostic.severity != b.diagnostic.severity) return a.diagnostic.severity < b.diagnostic.severity;
    if (a.phase == Phase::bytes || b.phase == Phase::bytes)
      if (a.phase != b.phase) return a.phase == Phase::bytes;
    const auto x = place_order(first(a)), y = place_order(first(b));
    return x != y ? x < y : a.diagnostic.code < b.diagnostic.code;
  });
  return folded;
}

Report to_report(const source::Model* model, std::vector<Finding> folded) {
  Report report;
  if (model) {
    report.model = model->path.empty() ? "<memory>" : model->path;
    report.format = model->format;
  }
  for (Finding& f : folded) report.diagnostics.push_back(std::move(f.diagnostic));
  return report;
}

}  // namespace qgraph::diagnose
