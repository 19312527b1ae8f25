// Attributes of a NodeProto, decoded on request; inside of a function, with those of its call.
#pragma once

#include "formats/onnx/state.hpp"

namespace qgraph::formats::onnx {

source::AttributeView attribute_view(const NodeRecord& record);

/// An AttributeProto's fields.
struct AttributeMessage {
  std::string_view name{}, reference{};
  std::int64_t type = 0;
  Bytes message{};
};
AttributeMessage read_attribute(Bytes message);
/// The AttributeProto of a node that has this name, or what the function's call gives for it.
std::optional<Bytes> find_attribute(const NodeRecord& record, std::string_view name);
/// All of a node, with references resolved; those that the call leaves out are missing.
std::vector<std::pair<std::string_view, Bytes>> all_attributes(const NodeRecord& record);
/// Its value; nothing for graphs, types, and what is malformed.
std::optional<AttributeValue> attribute_value(Bytes message, const Buffer& file);
/// The GraphProtos of an attribute (g, graphs).
std::vector<Bytes> graphs_of(Bytes attribute);

}  // namespace qgraph::formats::onnx
