// .qg: a canonical graph in a flatbuffer, with its constants aligned behind it. docs/qg_format.md describes the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "formats/format.hpp"

namespace qgraph::formats::qgraph {

inline constexpr std::uint32_t version = 1;   ///< the newest that is understood, and what is written
inline constexpr std::size_t alignment = 64;  ///< of constants in the file

Result<Model> read(ReadContext& context);
Result<std::vector<std::byte>> write(const Model& model);

}  // namespace qgraph::formats::qgraph
