// Attributes by name, and reading nodes.
#include "qgraph/graph.hpp"

#include "ops/op_def.hpp"

namespace qgraph {

void Attributes::set(std::string_view name, AttributeValue value) {
  for (Entry& e : entries_)
    if (e.first == name) {
      e.second = std::move(value);
      return;
    }
  entries_.emplace_back(std::string(name), std::move(value));
}

const AttributeValue* Attributes::find(std::string_view name) const noexcept {
  for (const Entry& e : entries_)
    if (e.first == name) return &e.second;
  return nullptr;
}

std::string_view Node::op_name() const noexcept {
  return op ? op->name : host ? std::string_view(host->name) : std::string_view{};
}

std::optional<AttributeValue> Node::attribute(std::string_view attribute_name) const {
  const AttrDef* row = op && attributes ? op->attributes.find(attribute_name) : nullptr;
  if (!row) return std::nullopt;
  return row->get(attributes.get());
}

Attributes Node::all_attributes() const {
  Attributes all;
  if (op && attributes)
    for (const AttrDef& row : op->attributes.rows) all.set(row.name, row.get(attributes.get()));
  return all;
}

}  // namespace qgraph
