// Any chain of functions of one element, of one dequantized operand (or what tables made of it) and constants: the definition
// itself, run over all 256 values.
#include <algorithm>
#include <numeric>

#include "graph/builder_impl.hpp"
#include "qgraph/session.hpp"
#include "runtime/passes/fused.hpp"
#include "runtime/passes/islands.hpp"

namespace qgraph::runtime::passes {

bool function_of_one(std::string_view op) {
  constexpr std::string_view list[] = {"abs",        "acos",     "acosh",       "add",          "asin",
                                       "asinh",      "atan",     "atanh",       "ceil",         "celu",
                                       "cos",        "cosh",     "div",         "elu",          "erf",
                                       "exp",        "floor",    "gelu",        "hard_sigmoid", "hard_swish",
                                       "leaky_relu", "log",      "logistic",    "maximum",      "minimum",
                                       "mish",       "mul",      "neg",         "pow",          "prelu",
                                       "relu",       "relu6",    "relu_0_to_1", "relu_n1_to_1", "round",
                                       "rsqrt",      "selu",     "sign",        "sin",          "sinh",
                                       "softplus",   "softsign", "sqrt",        "square",       "squared_difference",
                                       "sub",        "swish",    "tan",         "tanh",         "thresholded_relu"};
  return std::ranges::find(list, op) != std::ranges::end(list);
}

namespace {

constexpr std::size_t most_nodes = 24;

/// A graph of 256 elements that does what stands between the operand and the quantization.
class Chain {
 public:
  explicit Chain(const Island& island) : island_(island), draft_(island.draft) {}

  /// The operand. None: this is no function of one.
  TensorId collect() {
    if (!visit(island_.real) || !bytes_) return {};
    return bytes_;
  }

  std::optional<FusedTable> table() {
    GraphBuilder builder("table");
    const TensorType& in = draft_.type(bytes_);
    const Value all_bytes = builder.input("x", TensorType(in.element, Shape{256}));
    std::vector<std::pair<TensorId, Value>> made;
    for (const auto& [t, bytes] : leaves_)
      made.emplace_back(t, builder.add("dequantize", {looked_up(builder, all_bytes, bytes)}));
    const auto value = [&](TensorId t) -> Value {
      const auto found = std::ranges::find(made, t, &std::pair<TensorId, Value>::first);
      if (found != made.end()) return found->second;
      return builder.constant(TensorType(draft_.type(t).element, Shape{}), draft_.tensor(t).data);
    };
    for (const auto& [t, node] : nodes_) {
      std::vector<Value> inputs;
      for (TensorId i : node.inputs) inputs.push_back(value(i));
      made.emplace_back(
          t, node.op->name == "reshape" ? inputs[0] : Value(add_node(builder, *node.op, node.attributes, std::move(inputs), {})));
    }
    const TensorType out(island_.type().element, Shape::unknown_rank());
    builder.set_outputs({add_node(builder, *island_.quantize.op, island_.quantize.attributes, {value(island_.real)}, {out})});
    auto graph = builder.finish();
    if (!graph) return std::nullopt;
    Model::Data data;
    data.graphs.push_back(*std::move(graph));
    auto session = Session::create(Model(std::move(data)), {.kernels = Kernels::reference});
    if (!session) return std::nullopt;
    std::array<std::uint8_t, 256> all{};
    std::iota(all.begin(), all.end(), std::uint8_t{0});
    const Tensor input(TensorType(in.element, Shape{256}), Buffer::borrow(std::as_bytes(std::span(all))));
    const auto results = session->try_run({&input, 1});
    FusedTable table;
    if (!results || results->front().bytes.size() != table.bytes.size()) return std::nullopt;
    std::ranges::copy(results->front().values<std::uint8_t>(), table.bytes.begin());
    return table;
  }

 private:
  /// What a table was made of already.
  TensorId before_tables(TensorId bytes) const {
    while (const Node* node = draft_.maker(bytes)) {
      if (node->op != &fused_table) break;
      bytes = node->inputs[0];
    }
    return bytes;
  }
  Value looked_up(GraphBuilder& builder, Value all_bytes, TensorId bytes) const {
    if (bytes == bytes_) return all_bytes;
    const Node& node = *draft_.maker(bytes);
    const TensorType type(draft_.type(bytes).element, Shape::unknown_rank());
    return add_node(builder, fused_table, node.attributes, {looked_up(builder, all_bytes, node.inputs[0])}, {type});
  }

  bool visit(TensorId t) {
    if (!t || std::ranges::find(nodes_, t, &std::pair<TensorId, Node>::first) != nodes_.end() ||
        std::ranges::find(leaves_, t, &std::pair<TensorId, TensorId>::first) != leaves_.end())
      return static_cast<bool>(t);
    if (draft_.constant(t)) return draft_.shape(t).elements() == 1 && !draft_.type(t).quantized();
    if (const TensorId bytes = dequantized(draft_, t)) {
      const TensorId first = before_tables(bytes);
      if (draft_.constant(first) || (bytes_ && bytes_ != first)) return false;
      bytes_ = first;
      leaves_.emplace_back(t, bytes);
      return true;
    }
    const Node* node = draft_.maker(t);
    if (!node || !node->op || node->outputs.size() != 1 || visited_++ > most_nodes) return false;
    const bool shape_of_scalar = node->op->name == "reshape" && draft_.constant(node->inputs[0]);
    if (!shape_of_scalar && !function_of_one(node->op->name)) return false;
    const Node copy = *node;
    for (std::size_t i = 0; i < (shape_of_scalar ? 1 : copy.inputs.size()); ++i)
      if (!visit(copy.inputs[i])) return false;
    nodes_.emplace_back(t, copy);
    return true;
  }

  const Island& island_;
  Draft& draft_;
  TensorId bytes_{};
  std::size_t visited_ = 0;
  std::vector<std::pair<TensorId, Node>> nodes_{};
  std::vector<std::pair<TensorId, TensorId>> leaves_{};  ///< with the bytes that they are dequantized from
};

}  // namespace

bool fuse_table(const Island& island) {
  Chain chain(island);
  const TensorId bytes = chain.collect();
  if (!bytes) return false;
  // Constants of more axes than the operand would widen the result.
  if (island.draft.shape(bytes).ranked() && island.draft.shape(island.real).ranked() &&
      island.draft.shape(bytes).rank() != island.draft.shape(island.real).rank())
    return false;
  const auto table = chain.table();
  return table && island.add(fused_table, std::make_shared<FusedTable>(*table), {bytes});
}

}  // namespace qgraph::runtime::passes
