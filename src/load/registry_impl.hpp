// What the registry keeps: the host's handlers, and the op tables of formats.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "qgraph/registry.hpp"
#include "source/op_row.hpp"

namespace qgraph {

struct Registry::Impl {
  std::vector<std::shared_ptr<const Handler>> handlers{};
  std::vector<std::span<const OpRow>> tables{};  ///< each sorted by op
};

/// What a key leads to: a handler of the host, or a row of a format's table; neither: a miss.
struct Match {
  std::shared_ptr<const Handler> handler{};
  const OpRow* row = nullptr;
  explicit operator bool() const noexcept { return handler || row; }
};
Match match(const Registry::Impl& registry, const OpKey& key);
/// The diagnostic for a key without match, without a place.
Diagnostic miss(const Registry::Impl& registry, const OpKey& key);

}  // namespace qgraph
