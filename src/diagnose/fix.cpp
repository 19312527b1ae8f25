// mend(): rules, edits, rules again, until nothing changes.
#include "diagnose/fix.hpp"

#include <algorithm>
#include <set>

namespace qgraph::diagnose {
namespace {

/// Edits after which positions of nodes mean other nodes: one such mend a round.
bool moves_nodes(const source::Edit& e) {
  return std::holds_alternative<source::AddNode>(e) || std::holds_alternative<source::RemoveNode>(e) ||
         std::holds_alternative<source::MoveNode>(e);
}

bool may_apply(const Finding& f, const MendOptions& how) {
  return f.diagnostic.fix && !f.edits.empty() && f.diagnostic.fix->confidence <= how.least && (!how.wanted || how.wanted(f));
}

/// The same fault at the same places. Met again, its mend did not last: another undid it, or what it says cannot be had.
using Fault = std::tuple<std::string, std::string, std::int64_t, std::int64_t, std::int64_t>;
Fault fault_of(const Finding& f) {
  const Place place = f.diagnostic.places.empty() ? Place{} : f.diagnostic.places[0];
  return {f.diagnostic.code, f.diagnostic.headline, place.graph, place.node_index, place.tensor_index};
}

}  // namespace

Mended mend(source::Model& model, Findings reader, const Registry& registry, const LoadOptions& options, bool read_data,
            const MendOptions& how) {
  Mended result;
  constexpr int most_rounds = 256;  // each applies at least one mend
  constexpr std::size_t most_tries = 3;
  std::multiset<Fault> mended;
  for (int round = 0; round < most_rounds; ++round) {
    result.left = reader;
    {
      const source::Uses uses(model);
      run_rules({.model = model, .uses = uses, .registry = registry, .options = options, .read_data = read_data}, result.left);
    }
    std::vector<Finding> due;
    bool moved = false;
    Findings copy = result.left;
    for (Finding& f : fold(std::move(copy))) {
      if (!may_apply(f, how) || mended.count(fault_of(f)) >= most_tries) continue;
      const bool moves = std::ranges::any_of(f.edits, moves_nodes);
      if (moves && moved) continue;
      moved = moved || moves;
      // Edits that move nodes come last, so that the others' positions still hold.
      if (moves)
        due.push_back(std::move(f));
      else
        due.insert(
            due.begin() + std::ranges::count_if(due, [](const Finding& d) { return std::ranges::none_of(d.edits, moves_nodes); }),
            std::move(f));
    }
    if (due.empty()) break;
    for (Finding& f : due) {
      mended.insert(fault_of(f));
      std::erase_if(reader.list(), [&](const Finding& r) {
        return r.diagnostic.code == f.diagnostic.code && !r.edits.empty() &&
               std::ranges::all_of(r.diagnostic.places, [&](const Place& p) {
                 return std::ranges::find(f.diagnostic.places, p) != f.diagnostic.places.end();
               });
      });
      std::vector<std::string> lines;
      for (const source::Edit& e : f.edits) {
        if (how.account) lines.push_back(source::describe(model, e));
        source::apply(model, e);
      }
      if (how.account) result.accounts.push_back(std::move(lines));
      result.applied.push_back(std::move(f));
    }
  }
  return result;
}

}  // namespace qgraph::diagnose
