// Topological order, stable: of the nodes that can run, the first stored one runs.
#include "source/order.hpp"

#include <algorithm>
#include <functional>
#include <queue>

#include "source/captures.hpp"

namespace qgraph::source {
namespace {

struct Dependencies {
  std::vector<std::vector<std::uint32_t>> readers;  // of each node
  std::vector<std::uint32_t> waits_for;             // how many makers each node has
};

Dependencies dependencies(const Model& model, std::uint32_t index) {
  const SourceGraph& graph = model.graphs[index];
  constexpr std::uint32_t none = ~std::uint32_t{0};
  std::vector<std::uint32_t> maker(graph.tensors.size(), none);
  const auto own = [&](TensorRef t) { return t && t.graph == index && t.index < maker.size(); };
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n)
    for (const TensorRef t : graph.nodes[n].outputs)
      if (own(t) && maker[t.index] == none) maker[t.index] = n;
  Dependencies d{std::vector<std::vector<std::uint32_t>>(graph.nodes.size()), std::vector<std::uint32_t>(graph.nodes.size(), 0)};
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n) {
    const auto read = [&](TensorRef t) {
      if (!own(t) || maker[t.index] == none) return;
      d.readers[maker[t.index]].push_back(n);
      ++d.waits_for[n];
    };
    for (const TensorRef t : graph.nodes[n].inputs) read(t);
    if (graph.nodes[n].bodies.empty()) continue;
    for (const TensorRef t : captures_of_bodies(model, {index, n})) read(t);
  }
  return d;
}

}  // namespace

std::vector<std::uint32_t> run_order(const Model& model, std::uint32_t index) {
  const SourceGraph& graph = model.graphs[index];
  Dependencies d = dependencies(model, index);
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n)
    if (d.waits_for[n] == 0) ready.push(n);
  std::vector<std::uint32_t> order;
  std::vector<bool> placed(graph.nodes.size(), false);
  order.reserve(graph.nodes.size());
  while (!ready.empty()) {
    const std::uint32_t n = ready.top();
    ready.pop();
    order.push_back(n);
    placed[n] = true;
    for (const std::uint32_t r : d.readers[n])
      if (--d.waits_for[r] == 0) ready.push(r);
  }
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n)
    if (!placed[n]) order.push_back(n);
  return order;
}

std::vector<std::uint32_t> cyclic_nodes(const Model& model, std::uint32_t index) {
  const SourceGraph& graph = model.graphs[index];
  Dependencies d = dependencies(model, index);
  // Peel off what waits for nothing, then, against the arrows, what nobody left waits for.
  const std::size_t count = graph.nodes.size();
  std::vector<bool> left(count, true);
  std::vector<std::uint32_t> readers_left(count, 0);
  std::vector<std::vector<std::uint32_t>> makers(count);
  for (std::uint32_t n = 0; n < count; ++n)
    for (const std::uint32_t r : d.readers[n]) {
      ++readers_left[n];
      makers[r].push_back(n);
    }
  std::vector<std::uint32_t> stack;
  for (std::uint32_t n = 0; n < count; ++n)
    if (d.waits_for[n] == 0) stack.push_back(n);
  while (!stack.empty()) {
    const std::uint32_t n = stack.back();
    stack.pop_back();
    left[n] = false;
    for (const std::uint32_t r : d.readers[n])
      if (--d.waits_for[r] == 0) stack.push_back(r);
    for (const std::uint32_t m : makers[n]) --readers_left[m];
  }
  for (std::uint32_t n = 0; n < count; ++n)
    if (left[n] && readers_left[n] == 0) stack.push_back(n);
  while (!stack.empty()) {
    const std::uint32_t n = stack.back();
    stack.pop_back();
    if (!left[n]) continue;
    left[n] = false;
    for (const std::uint32_t m : makers[n])
      if (--readers_left[m] == 0 && left[m]) stack.push_back(m);
  }
  std::vector<std::uint32_t> on_cycle;
  for (std::uint32_t n = 0; n < count; ++n)
    if (left[n]) on_cycle.push_back(n);
  return on_cycle;
}

}  // namespace qgraph::source
