// The two forms of qgraph JSON: one is read as a source model, the other holds a canonical graph.
#pragma once

#include "formats/format.hpp"
#include "formats/qgraph_json/document.hpp"

namespace qgraph::formats::qgraph_json {

/// The short form: nodes with op, inputs, constants and attributes. docs/qgraph_json.md
std::unique_ptr<source::Model> read_short(ReadContext& context);
/// The form with "tensors": all that .qg holds.
Result<Model> read_full(ReadContext& context);
/// Is there a key "tensors" in the outermost object?
bool is_full(std::span<const std::byte> bytes);
Result<std::vector<std::byte>> write(const Model& model);

/// The operand of a node that a key stands for: "qweights" and "kernel" are "weights". The key itself where it is none of these.
std::string_view role_of_key(std::string_view key);
/// May a list under this key of an op that is not known be a constant, and not an attribute?
bool names_a_constant(std::string_view key);

std::span<const OpRow> op_table() noexcept;

}  // namespace qgraph::formats::qgraph_json
