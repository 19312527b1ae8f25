// The order of names in sorted tables. A few bytes decide it, which costs less than a call of memcmp: rules and lowering look up
// the rows of every node's op again and again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace qgraph {

/// As a.compare(b).
constexpr int text_order(std::string_view a, std::string_view b) noexcept {
  const std::size_t shared = a.size() < b.size() ? a.size() : b.size();
  for (std::size_t i = 0; i < shared; ++i)
    if (a[i] != b[i]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]) ? -1 : 1;
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

/// The first row whose name is not before `name`; rows are sorted by it.
template <class Rows, class Projection>
constexpr auto lower_bound_of_text(const Rows& rows, std::string_view name, Projection projection) {
  return std::ranges::lower_bound(
      rows, name, [](std::string_view a, std::string_view b) { return text_order(a, b) < 0; }, projection);
}

}  // namespace qgraph
