// Names that a misspelt, or differently spelt, one may have meant.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qgraph {

/// Single-letter insertions, deletions, replacements and swaps of neighbours that turn a into b. Texts over 64 letters count by
/// their first 64.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The names of `known` that are near `word`, nearest first, at most `limit`; none where nothing is near. Case, '_', '-' and a
/// domain before "::" do not count. A name that contains the word, or is contained in it, is near too.
std::vector<std::string> nearest_names(std::string_view word, std::span<const std::string> known, std::size_t limit = 4);

}  // namespace qgraph
