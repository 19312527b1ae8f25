// What ONNX's operator sets say of a node: which brought what it uses, and until which it means the same.
#pragma once

#include <climits>
#include <optional>
#include <string_view>

#include "source/uses.hpp"

namespace qgraph::diagnose {

struct NewerThanImport {
  int since = 0;
  std::string_view attribute{};  ///< empty: the op itself
  bool says_nothing = false;     ///< the attribute: without it the node means the same
};
/// An attribute holds its default, or repeats what the node's inputs say: without it the node means the same.
bool says_nothing(const source::Model& model, const source::SourceNode& node, std::string_view attribute);
/// The newest thing of an ai.onnx node that the operator set of its version does not have.
std::optional<NewerThanImport> newest_of(const source::Model& model, const source::SourceNode& node);
/// The newest operator set in which the node, as it is written, still means what it means in its own; INT_MAX: in all known.
int last_opset_of_meaning(const source::Model& model, const source::Uses& uses, const source::SourceNode& node);

}  // namespace qgraph::diagnose
