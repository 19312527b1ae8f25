// qgraph JSON as a row of the list of formats.
#include <algorithm>

#include "formats/qgraph_json/read.hpp"

namespace qgraph::formats::qgraph_json {
namespace {

/// "key": [ anywhere in the text, with any blanks between.
bool has_list(std::string_view text, std::string_view key) {
  constexpr std::string_view blanks = " \t\r\n";
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    std::string_view rest = text.substr(at + key.size());
    for (const char wanted : {':', '['}) {
      rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
      if (rest.empty() || rest[0] != wanted) {
        rest = {};
        break;
      }
      rest.remove_prefix(1);
      if (wanted == '[') return true;
    }
  }
  return false;
}

/// 2: a graph. Of other objects only the name of the file says what they are: enough where it was named, too little in a folder.
int sniff(std::span<const std::byte> bytes, std::string_view /*extension*/) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') return 0;
  constexpr std::size_t head = 1U << 16;
  if (has_list(text.substr(0, head), "\"nodes\"") || has_list(text.substr(0, head), "\"tensors\"")) return 2;
  return 1;
}

}  // namespace

extern const Format format;
const Format format{.name = "json",
                    .title = "qgraph JSON",
                    .extensions = ".json",
                    .sniff = &sniff,
                    .read = &read_short,
                    .write = &write,
                    .read_graph = &read_full,
                    .ops = op_table()};

}  // namespace qgraph::formats::qgraph_json
