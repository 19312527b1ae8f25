// Who makes and who reads a tensor, and which operand of a node plays which role.
#pragma once

#include "source/op_row.hpp"
#include "source/source_model.hpp"

namespace qgraph::source {

/// An index over a model; rebuild it after edits.
class Uses {
 public:
  explicit Uses(const Model&);
  /// The node that makes it; none for inputs and constants. The first, where several do.
  NodeRef producer(TensorRef) const;
  struct Use {
    NodeRef node;
    std::uint32_t input;
  };
  std::span<const Use> consumers(TensorRef) const;
  bool is_graph_input(TensorRef) const;
  bool is_graph_output(TensorRef) const;
  /// Positions in Model::sites of those whose stored or real tensor this is, in order.
  std::span<const std::uint32_t> sites(TensorRef) const;

 private:
  struct Entry {
    NodeRef producer{};
    std::vector<Use> consumers{};
    std::vector<std::uint32_t> sites{};
    bool input = false, output = false;
  };
  const Entry* find(TensorRef) const;
  std::vector<std::vector<Entry>> entries_;
};

/// The row of the node's format for its op, or null: unknown here.
const OpRow* row_of(const Model&, const SourceNode&);
/// The operand with this role in the row's operand list ("weights", "bias"): by name in JSON, by position elsewhere. None: left
/// out.
TensorRef operand(const Model&, const SourceNode&, const OpRow&, std::string_view role);
/// The quantization of an operand: the site of its tensor, looking through a DequantizeLinear, or the node's own.
const QuantizationSite* site(const Model&, const Uses&, NodeRef, std::string_view role);
/// The first site whose stored tensor this is.
const QuantizationSite* site_of(const Model&, TensorRef);
const QuantizationSite* site_of(const Model&, const Uses&, TensorRef);  ///< the same, without a search

}  // namespace qgraph::source
