// Names by edit distance, letters only: "Conv2D" is CONV_2D.
#include "core/nearest_name.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace qgraph {
namespace {

constexpr std::size_t longest = 64;
constexpr std::size_t shortest_contained = 3;

std::string letters_of(std::string_view name) {
  if (const std::size_t at = name.rfind("::"); at != std::string_view::npos) name.remove_prefix(at + 2);
  std::string out;
  for (char c : name) {
    if (c == '_' || c == '-' || c == ' ') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, longest);
  b = b.substr(0, longest);
  std::array<std::array<std::size_t, longest + 1>, 3> rows{};  // row i % 3 holds the distances of a's first i letters
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& now = rows[i % 3];
    const auto& before = rows[(i - 1) % 3];
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({before[j] + 1, now[j - 1] + 1, before[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], rows[(i - 2) % 3][j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

std::vector<std::string> nearest_names(std::string_view word, std::span<const std::string> known, std::size_t limit) {
  const std::string wanted = letters_of(word);
  // (kind, distance, name): spelling mistakes first, then names that end the word (an op's noun comes last), then other parts.
  std::vector<std::tuple<int, std::size_t, std::string_view>> near;
  if (wanted.empty()) return {};
  for (const std::string& name : known) {
    const std::string letters = letters_of(name);
    if (letters.empty()) continue;
    const std::size_t distance = edit_distance(wanted, letters);
    if (distance * 3 <= std::max(wanted.size(), letters.size())) {
      near.emplace_back(0, distance, name);
    } else if (std::min(wanted.size(), letters.size()) >= shortest_contained &&
               (wanted.find(letters) != std::string::npos || letters.find(wanted) != std::string::npos)) {
      near.emplace_back(wanted.ends_with(letters) || letters.ends_with(wanted) ? 1 : 2, distance, name);
    }
  }
  std::ranges::sort(near);
  std::vector<std::string> out;
  std::vector<std::string> seen;  // one of those that differ only in spelling
  for (const auto& [kind, distance, name] : near) {
    if (out.size() == limit) break;
    std::string letters = letters_of(name);
    if (std::ranges::find(seen, letters) != seen.end()) continue;
    out.emplace_back(name);
    seen.push_back(std::move(letters));
  }
  return out;
}

}  // namespace qgraph
