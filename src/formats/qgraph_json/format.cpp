// qgraph JSON as a row of the list of formats.
#include "formats/qgraph_json/read.hpp"

namespace qgraph::formats::qgraph_json {
namespace {

int sniff(std::span<const std::byte> bytes, std::string_view extension) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') return 0;
  if (extension == ".json") return 2;
  return text.substr(0, 4096).find("\"nodes\"") != std::string_view::npos ? 2 : 1;
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
