// .qg as a row of the list of formats.
#include <cstring>

#include "formats/qgraph/qg.hpp"

namespace qgraph::formats::qgraph {
namespace {

int sniff(std::span<const std::byte> bytes, std::string_view) {
  return bytes.size() >= 8 && std::memcmp(bytes.data() + 4, "QGRF", 4) == 0 ? 3 : 0;
}

}  // namespace

extern const Format format;
const Format format{.name = "qg", .title = "qgraph", .extensions = ".qg", .sniff = &sniff, .write = &write, .read_graph = &read};

}  // namespace qgraph::formats::qgraph
