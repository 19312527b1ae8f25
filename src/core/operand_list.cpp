// Lists of operand names.
#include "core/operand_list.hpp"

namespace qgraph {
namespace {

/// Takes the next word; empty at the end.
std::string_view next_word(std::string_view& list) noexcept {
  const std::size_t begin = list.find_first_not_of(' ');
  if (begin == std::string_view::npos) return list = {};
  list.remove_prefix(begin);
  const std::size_t end = list.find(' ');
  const std::string_view word = list.substr(0, end);
  list.remove_prefix(word.size());
  return word;
}

Operand parse(std::string_view word) noexcept {
  Operand o{.name = word};
  if (word.ends_with('?')) o.optional = true;
  if (word.ends_with('*')) o.optional = o.rest = true;
  if (o.optional) o.name.remove_suffix(1);
  return o;
}

}  // namespace

std::optional<Operand> operand_at(std::string_view list, std::size_t i) noexcept {
  std::size_t position = 0;
  for (std::string_view word = next_word(list); !word.empty(); word = next_word(list), ++position) {
    const Operand o = parse(word);
    if (position == i || o.rest) return o;
  }
  return std::nullopt;
}

std::optional<std::size_t> operand_position(std::string_view list, std::string_view name) noexcept {
  std::size_t position = 0;
  for (std::string_view word = next_word(list); !word.empty(); word = next_word(list), ++position)
    if (parse(word).name == name) return position;
  return std::nullopt;
}

}  // namespace qgraph
