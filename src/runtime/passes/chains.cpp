// Ops that work element by element, from one operand of bytes to one result of bytes, become one table of 256 bytes; of so many
// for each channel where constants differ from channel to channel (a PReLU, in one op or written out). Every rounding in between
// is in the table: nothing changes.
#include <algorithm>
#include <map>
#include <set>

#include "runtime/passes/chain_values.hpp"
#include "runtime/passes/fused.hpp"
#include "runtime/passes/islands.hpp"
#include "runtime/passes/pass.hpp"

namespace qgraph::runtime::passes {
namespace {

constexpr std::size_t most_nodes = 24;
/// Fewer elements of a channel do not pay for the making of its table.
constexpr std::int64_t fewest_elements = 64, fewest_of_all = 128;
constexpr std::int64_t most_channels = 4096;
/// Of all that one graph's chains are tried with: nodes by elements.
constexpr std::int64_t budget = std::int64_t{1} << 25;

bool elementwise(const Node& node) {
  if (!node.op || node.host || node.op->stateful || !node.bodies.empty() || node.outputs.size() != 1 || !node.outputs[0])
    return false;
  return node.op == &fused_table || node.op == &fused_binary || node.op->name == "quantize" || node.op->name == "dequantize" ||
         function_of_one(node.op->name);
}

/// A tensor that such ops made of one other.
struct Member {
  Node node{};
  TensorId operand{};  ///< none: constants are all it is made of
  std::size_t length = 1;
  std::int64_t channels = 1;
  std::size_t axis = 0;
};

class Chains {
 public:
  explicit Chains(Draft& draft) : draft_(draft) {}

  void run() {
    draft_.sweep([&](Node& node) {
      look_at(node);
      draft_.keep(std::move(node));
    });
    for (TensorId t : draft_.outputs()) wanted_.insert(t.value);
    draft_.sweep([&](Node& node) {
      if (!replaced(node)) draft_.keep(std::move(node));
    });
  }

 private:
  const Member* member(TensorId t) const {
    const auto found = members_.find(t.value);
    return found == members_.end() ? nullptr : &found->second;
  }

  void look_at(const Node& node) {
    if (auto made = member_of(node)) {
      members_.insert_or_assign(node.outputs[0].value, *std::move(made));
      return;
    }
    for (TensorId t : node.inputs)
      if (t) wanted_.insert(t.value);
  }

  /// Channels that a constant has for an operand of this shape, into `made`. False: it is neither one element nor one for each.
  static bool beside(const Shape& constant, const Shape& shape, Member& made) {
    const auto elements = constant.elements();
    if (!elements || !constant.is_static() || constant.rank() > shape.rank()) return false;
    if (*elements == 1) return true;
    const auto wide = std::ranges::find_if(constant, [](std::int64_t d) { return d != 1; });
    if (*wide != *elements || *elements > most_channels) return false;
    const std::size_t axis = shape.rank() - constant.rank() + static_cast<std::size_t>(wide - constant.begin());
    if (shape[axis] != *elements || (made.channels > 1 && made.axis != axis)) return false;
    made.channels = *elements;
    made.axis = axis;
    return true;
  }

  bool constant_like(TensorId t) const {
    const Member* m = member(t);
    return draft_.constant(t) || (m && !m->operand);
  }

  std::optional<Member> member_of(const Node& node) const {
    if (!elementwise(node) || node.inputs.empty()) return std::nullopt;
    const TensorType& type = draft_.type(node.outputs[0]);
    if (type.quantized() && !type.quantization()->per_tensor()) return std::nullopt;
    Member made{.node = node};
    for (TensorId t : node.inputs) {
      if (!t) return std::nullopt;
      if (draft_.constant(t)) continue;
      const Member* m = member(t);
      if (m) {
        made.length += m->length;
        if (!m->operand) continue;
        if (m->channels > 1) {
          if (made.channels > 1 && made.axis != m->axis) return std::nullopt;
          made.channels = m->channels;
          made.axis = m->axis;
        }
      } else if (!quantized_bytes(draft_.type(t))) {
        return std::nullopt;
      }
      const TensorId operand = m ? m->operand : t;
      if (made.operand && made.operand != operand) return std::nullopt;
      made.operand = operand;
    }
    if (made.length > most_nodes) return std::nullopt;
    // Dequantized constants; their scales may be those of channels.
    if (!made.operand) return node.op->name == "dequantize" ? std::optional(std::move(made)) : std::nullopt;
    const Shape& shape = draft_.shape(made.operand);
    if (!shape.ranked() || draft_.shape(node.outputs[0]) != shape) return std::nullopt;
    for (TensorId t : node.inputs) {
      if (!constant_like(t)) continue;
      const TensorType& stored = draft_.type(draft_.constant(t) ? t : member(t)->node.inputs[0]);
      if (!beside(stored.shape, shape, made)) return std::nullopt;
      const Quantization* q = stored.quantization();
      if (!q || q->per_tensor()) continue;
      const bool by_channel = !draft_.constant(t) && q->block_size == 0 && q->axis >= 0 && stored.shape.elements() != 1 &&
                              shape.rank() - stored.shape.rank() + static_cast<std::size_t>(q->axis) == made.axis;
      if (!by_channel) return std::nullopt;
    }
    return made;
  }

  /// Nodes that the result is made of, in their order.
  void collect(TensorId t, std::vector<const Node*>& nodes) const {
    const Member* m = member(t);
    if (!m || std::ranges::find(nodes, &m->node) != nodes.end()) return;
    for (TensorId input : m->node.inputs) collect(input, nodes);
    nodes.push_back(&m->node);
  }

  /// Alone, these are as quick as a table.
  static bool quick(std::string_view op, bool channels) {
    return !channels || op == "maximum" || op == "minimum" || op == "dequantize";
  }

  bool replaced(const Node& node) {
    if (node.outputs.size() != 1 || !node.outputs[0]) return false;
    const TensorId out = node.outputs[0];
    const Member* m = member(out);
    if (!m || !m->operand || !wanted_.contains(out.value) || !quantized_bytes(draft_.type(out))) return false;
    Chain chain{.operand = m->operand, .channels = m->channels, .axis = m->axis};
    collect(out, chain.nodes);
    if (chain.nodes.size() < 2 && quick(node.op->name, m->channels > 1)) return false;
    const Shape& shape = draft_.shape(out);
    const std::int64_t elements = shape.elements().value_or(most_channels * fewest_elements);
    if (elements < std::max(fewest_of_all, m->channels > 1 ? m->channels * fewest_elements : 0)) return false;
    const std::int64_t cost = 256 * m->channels * static_cast<std::int64_t>(chain.nodes.size());
    if (cost > left_) return false;
    left_ -= cost;
    std::int64_t inner = 1;
    for (std::size_t i = m->axis + 1; m->channels > 1 && i < shape.rank(); ++i) {
      if (shape[i] < 0) return false;
      inner *= shape[i];
    }
    auto tables = values_of_chain(draft_, chain);
    return tables && add(node, *m, *std::move(tables), inner);
  }

  bool add(const Node& node, const Member& m, std::vector<std::uint8_t> tables, std::int64_t inner) {
    const TensorId out = node.outputs[0];
    const ElementType element = draft_.type(out).element;
    if (m.channels == 1) {
      auto table = std::make_shared<FusedTable>();
      std::ranges::copy(tables, table->bytes.begin());
      return static_cast<bool>(draft_.add(node, fused_table, std::move(table), {m.operand}, element, out));
    }
    auto table = std::make_shared<FusedChannelTable>(
        FusedChannelTable{.bytes = std::move(tables), .channels = m.channels, .inner = inner});
    return static_cast<bool>(draft_.add(node, fused_channel_table, std::move(table), {m.operand}, element, out));
  }

  Draft& draft_;
  std::map<std::uint32_t, Member> members_{};
  std::set<std::uint32_t> wanted_{};  ///< by others than chains that it is a member of
  std::int64_t left_ = budget;
};

bool concerns(const Graph& graph) {
  std::size_t found = 0;
  for (const Node& node : graph.nodes()) found += elementwise(node) ? 1 : 0;
  return found > 0;
}

}  // namespace

extern constexpr Pass chains{.name = "chains", .concerns = concerns, .run = [](Draft& draft) { Chains(draft).run(); }};

}  // namespace qgraph::runtime::passes
