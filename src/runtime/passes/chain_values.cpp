// What a chain of elementwise ops makes of each of the 256 values of its one operand: its nodes run one after the other, on all
// values at once, by whatever kernel does it best.
#include "runtime/passes/chain_values.hpp"

#include <algorithm>
#include <map>

#include "ops/infer.hpp"
#include "runtime/fold.hpp"

namespace qgraph::runtime::passes {
namespace {

constexpr std::int64_t values = 256;

class Evaluation {
 public:
  Evaluation(const Draft& draft, const Chain& chain) : draft_(draft), chain_(chain) {}

  std::optional<std::vector<std::uint8_t>> run() {
    if (!begin()) return std::nullopt;
    for (const Node* node : chain_.nodes)
      if (!add(*node)) return std::nullopt;
    const Known& made = known_.at(chain_.nodes.back()->outputs[0].value);
    const std::int64_t channels = chain_.channels;
    if (made.type.shape != shape() || bits(made.type.storage()) != 8) return std::nullopt;
    std::vector<std::uint8_t> tables(static_cast<std::size_t>(values * channels));
    const auto* rows = reinterpret_cast<const std::uint8_t*>(made.memory.data());
    for (std::int64_t x = 0; x < values; ++x)
      for (std::int64_t c = 0; c < channels; ++c) tables[static_cast<std::size_t>(c * values + x)] = rows[x * channels + c];
    return tables;
  }

 private:
  struct Known {
    TensorType type{};
    Memory memory{};
    bool constant = false;
  };
  Shape shape() const { return chain_.channels == 1 ? Shape{values} : Shape{values, chain_.channels}; }

  /// Row x of the operand holds the byte x.
  bool begin() {
    Known& operand = known_[chain_.operand.value];
    operand.type = TensorType(draft_.type(chain_.operand).element, shape());
    const auto row = static_cast<std::size_t>(chain_.channels);
    if (!operand.memory.reserve(values * row)) return false;
    for (std::size_t x = 0; x < values; ++x) std::fill_n(operand.memory.data() + x * row, row, static_cast<std::byte>(x));
    return true;
  }

  /// A constant, as it lies beside rows of channels.
  Known* constant(TensorId t) {
    const GraphTensor& tensor = draft_.tensor(t);
    const auto elements = tensor.type.shape.elements();
    if (!elements || tensor.type.bytes() != tensor.data.bytes.size()) return nullptr;
    Known& made = known_[t.value];
    made.type = TensorType(tensor.type.element, *elements == 1 ? Shape{} : Shape{*elements});
    made.constant = true;
    if (const Quantization* q = tensor.type.quantization(); q && !q->per_tensor()) {
      Quantization moved = *q;
      moved.axis = 0;
      made.type.element = Quantized(tensor.type.storage(), std::move(moved));
    }
    if (!made.memory.reserve(tensor.data.bytes.size())) return nullptr;
    std::ranges::copy(tensor.data.bytes, made.memory.data());
    return &made;
  }

  bool add(const Node& node) {
    std::vector<const TensorType*> types;
    std::vector<View> inputs, unknown;
    std::vector<const std::span<const std::byte>*> no_values(node.inputs.size(), nullptr);
    bool all_constant = true;
    for (TensorId t : node.inputs) {
      if (!t) return false;
      const auto found = known_.find(t.value);
      Known* known = found != known_.end() ? &found->second : draft_.constant(t) ? constant(t) : nullptr;
      if (!known) return false;
      types.push_back(&known->type);
      inputs.push_back({.data = known->memory.data(), .type = &known->type, .bytes = *known->type.bytes()});
      unknown.push_back(inputs.back());
      if (!known->constant) unknown.back().data = nullptr;
      all_constant = all_constant && known->constant;
    }
    const TensorType declared(draft_.type(node.outputs[0]).element, Shape::unknown_rank());
    auto inferred = node.op->infer({.inputs = types,
                                    .values = no_values,
                                    .declared_outputs = {&declared, 1},
                                    .output_count = 1,
                                    .attribute_struct = node.attributes.get()});
    const auto kernel = select_kernel(node, types);
    if (!inferred || inferred->size() != 1 || !kernel || inferred->front().storage() != declared.storage()) return false;
    Known made{.type = std::move(inferred->front()), .constant = all_constant};
    made.type.element = declared.element;
    if (made.type.quantized() && !made.type.quantization()->per_tensor()) return false;
    const auto bytes = made.type.bytes();
    if (!bytes) return false;
    View output{.data = nullptr, .type = &made.type, .bytes = *bytes};
    const auto prepared = prepare_kernel(node, *kernel, unknown, {&output, 1}, {.fast = true, .cpu = kernels::best_cpu()});
    std::vector<Memory> memory;
    if (!prepared || !fold(*prepared, node, inputs, {&output, 1}, memory, left_)) return false;
    made.memory = std::move(memory[0]);
    known_.insert_or_assign(node.outputs[0].value, std::move(made));
    return true;
  }

  const Draft& draft_;
  const Chain& chain_;
  std::map<std::uint32_t, Known> known_{};
  std::size_t left_ = folding_budget;
};

}  // namespace

std::optional<std::vector<std::uint8_t>> values_of_chain(const Draft& draft, const Chain& chain) {
  return Evaluation(draft, chain).run();
}

}  // namespace qgraph::runtime::passes
