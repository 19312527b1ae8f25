// Plans a graph: infers, folds what is known, chooses kernels, places tensors.
#include "runtime/plan.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/mapped_file.hpp"
#include "ops/support/movement.hpp"
#include "runtime/errors.hpp"
#include "runtime/fold.hpp"

namespace qgraph::runtime {
namespace {

class Planner {
 public:
  Planner(PlanContext& context, GraphId id) : context_(context), graph_(context.model().graph(id)) {
    plan_.graph = &graph_;
    plan_.id = id;
  }

  Result<Plan> make(std::span<const Shape> input_shapes) {
    if (auto done = begin(input_shapes); !done) return std::move(done).error();
    for (const Node& node : graph_.nodes())
      if (auto done = add(node); !done) return placed(std::move(done).error(), graph_, plan_.id, node);
    if (context_.execution().fast && !context_.traced()) flip_signs();
    if (auto done = place_tensors(); !done) return std::move(done).error();
    for (TensorId id : graph_.outputs()) plan_.output_types.push_back(plan_.types[id.value]);
    for (const Buffer* stored : packed_)
      release_pages(stored->owner, stored->bytes);  // reading their neighbours brought some back
    return std::move(plan_);
  }

 private:
  const Budgets& budgets() const { return context_.options().budgets; }
  bool known(TensorId id) const { return !id || views_[id.value].data != nullptr; }

  /// Constants, state and inputs: what is there before the first node.
  Status begin(std::span<const Shape> input_shapes) {
    const std::size_t count = graph_.tensors().size();
    plan_.types.reserve(count);
    for (const GraphTensor& tensor : graph_.tensors()) plan_.types.push_back(tensor.type);
    plan_.tensors.resize(count);
    plan_.nodes.reserve(graph_.nodes().size());
    views_.resize(count);
    for (std::size_t i = 0; i < graph_.inputs().size(); ++i) {
      const std::uint32_t t = graph_.inputs()[i].value;
      plan_.types[t].shape = input_shapes[i];
      if (auto done = define(t); !done) return done;
    }
    for (std::uint32_t t = 0; t < count; ++t) {
      const GraphTensor& tensor = graph_.tensors()[t];
      views_[t].type = &plan_.types[t];
      if (!tensor.constant && !tensor.state) continue;
      const auto bytes = bytes_of(tensor.type, budgets());
      if (!bytes) return bytes.error();
      PlannedTensor& planned = plan_.tensors[t];
      planned.bytes = tensor.constant ? tensor.data.bytes.size() : *bytes;
      planned.where = tensor.constant ? Where::constant : Where::state;
      if (!tensor.constant) continue;
      if (planned.bytes < *bytes)
        return failure(code::bad_shape, Cause::data_size_mismatch,
                       fmt::format("constant '{}' holds {} bytes, its type {} takes {}", tensor.name, planned.bytes,
                                   tensor.type.to_string(), *bytes));
      if (auto done = view_constant(t); !done) return done;
    }
    return Done{};
  }

  /// Constants are used where they lie, but for those that are not aligned for their dtype.
  Status view_constant(std::uint32_t t) {
    PlannedTensor& planned = plan_.tensors[t];
    const std::byte* data = graph_.tensors()[t].data.bytes.data();
    const int width = bits(plan_.types[t].storage()) == 0 ? 32 : bits(plan_.types[t].storage());
    const auto step = static_cast<std::uintptr_t>(std::clamp(width / 8, 1, 8));
    if (!data || reinterpret_cast<std::uintptr_t>(data) % step != 0) {
      if (!planned.folded.reserve(planned.bytes)) return no_memory(planned.bytes);
      std::copy_n(data, planned.bytes, planned.folded.data());
      data = planned.folded.data();
    }
    views_[t].data = const_cast<std::byte*>(data);
    views_[t].bytes = planned.bytes;
    return Done{};
  }

  static Status no_memory(std::size_t bytes) {
    return failure(code::memory, Cause::resource_limit, fmt::format("{} bytes of memory are not to be had", bytes));
  }

  /// A tensor that an input or a node makes: in the arena if its size is known now.
  Status define(std::uint32_t t) {
    PlannedTensor& planned = plan_.tensors[t];
    planned.where = Where::dynamic;
    if (!plan_.types[t].shape.is_static() || bits(plan_.types[t].storage()) == 0) return Done{};
    const auto bytes = bytes_of(plan_.types[t], budgets());
    if (!bytes) return bytes.error();
    planned.where = Where::arena;
    planned.bytes = *bytes;
    return Done{};
  }

  Status add(const Node& node) {
    PlannedNode& planned = plan_.nodes.emplace_back();
    std::vector<View> inputs;
    std::vector<const TensorType*> types;
    bool concrete = true, dynamic = false;
    for (TensorId id : node.inputs) {
      inputs.push_back(id ? views_[id.value] : View{});
      types.push_back(inputs.back().type);
      if (!id) continue;
      concrete = concrete && types.back()->shape.is_static();
      dynamic = dynamic || plan_.tensors[id.value].where == Where::dynamic;
    }
    auto kernel = select_kernel(node, types);
    if (!kernel) return std::move(kernel).error();
    planned.kernel = *kernel;
    auto outputs = infer_node(context_, graph_, node, inputs);
    if (!outputs) return std::move(outputs).error();
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      if (!node.outputs[o]) continue;
      const std::uint32_t t = node.outputs[o].value;
      plan_.types[t] = std::move((*outputs)[o]);
      if (auto done = define(t); !done) return done;
      dynamic = dynamic || plan_.tensors[t].where == Where::dynamic;
    }
    planned.dynamic = dynamic || !concrete;
    if (planned.dynamic) return Done{};
    return prepare(node, planned, inputs);
  }

  Status prepare(const Node& node, PlannedNode& planned, std::span<const View> inputs) {
    std::vector<View> outputs;
    for (TensorId id : node.outputs) {
      outputs.push_back(id ? views_[id.value] : View{});
      if (id) outputs.back().bytes = plan_.tensors[id.value].bytes;
    }
    std::vector<View> sized(inputs.begin(), inputs.end());
    for (std::size_t i = 0; i < sized.size(); ++i)
      if (node.inputs[i]) sized[i].bytes = plan_.tensors[node.inputs[i].value].bytes;
    auto prepared = prepare_kernel(node, planned.kernel, sized, outputs, context_.execution());
    if (!prepared) return std::move(prepared).error();
    planned.prepared = *std::move(prepared);
    release_packed(node, planned, inputs);
    if (fold_if_known(node, planned, sized, outputs) || shares_memory(node, planned)) return Done{};
    plan_.prepared_bytes += planned.prepared.prepared_bytes;
    return Done{};
  }

  /// A fast kernel that made a copy of weights reads its own: the pages of the file that hold them may go.
  void release_packed(const Node& node, const PlannedNode& planned, std::span<const View> inputs) {
    constexpr std::size_t worth_a_call = 1 << 15;
    if (!planned.prepared.kernel) return;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!node.inputs[i] || plan_.tensors[node.inputs[i].value].where != Where::constant) continue;
      const Buffer& stored = graph_.tensors()[node.inputs[i].value].data;
      if (stored.bytes.size() < worth_a_call || planned.prepared.prepared_bytes < stored.bytes.size()) continue;
      release_pages(stored.owner, stored.bytes);
      packed_.push_back(&stored);
    }
  }

  bool fold_if_known(const Node& node, PlannedNode& planned, std::span<const View> inputs, std::span<View> outputs) {
    if (!node.op || node.host || node.op->stateful || !node.bodies.empty()) return false;
    if (!node.op->reads_shapes_only && !std::ranges::all_of(node.inputs, [&](TensorId id) { return known(id); })) return false;
    std::vector<Memory> memory;
    if (!fold(planned.prepared, node, inputs, outputs, memory, folding_left_)) return false;
    planned.folded = true;
    planned.prepared = {};
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      if (!node.outputs[o]) continue;
      PlannedTensor& tensor = plan_.tensors[node.outputs[o].value];
      tensor.where = Where::folded;
      tensor.folded = std::move(memory[o]);
      views_[node.outputs[o].value].data = tensor.folded.data();
      views_[node.outputs[o].value].bytes = tensor.bytes;
    }
    return true;
  }

  /// What only copies its operand lies where that does, and need not run. Not outputs: bodies of loops are given them as inputs.
  bool shares_memory(const Node& node, PlannedNode& planned) {
    if (!context_.execution().fast || context_.traced() || planned.prepared.run != &ops::copy_bytes || node.outputs.size() != 1)
      return false;
    const TensorId in = node.inputs[0], out = node.outputs[0];
    const PlannedTensor &from = plan_.tensors[in.value], &to = plan_.tensors[out.value];
    if (from.where != Where::arena || to.where != Where::arena || from.bytes != to.bytes) return false;
    if (std::ranges::find(graph_.outputs(), out) != graph_.outputs().end()) return false;
    shared_.resize(plan_.tensors.size());
    shared_[out.value] = memory_of(in);
    planned.folded = true;
    planned.prepared = {};
    return true;
  }
  /// The tensor whose memory it lies in.
  TensorId memory_of(TensorId t) const { return t.value < shared_.size() && shared_[t.value] ? shared_[t.value] : t; }

  /// Kernels that multiply unsigned bytes copy signed ones first: where all that makes and reads a tensor of int8 can, it lies in
  /// memory with its sign bits flipped.
  void flip_signs() {
    std::vector<bool> fixed(plan_.tensors.size(), false);
    for (std::span<const TensorId> ids : {graph_.inputs(), graph_.outputs()})
      for (TensorId t : ids) fixed[t.value] = true;
    const auto each = [&](auto&& visit) {
      for (std::size_t n = 0; n < plan_.nodes.size(); ++n) {
        const Node& node = graph_.nodes()[n];
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
          if (node.inputs[i]) visit(plan_.nodes[n], node.inputs[i].value, static_cast<int>(i));
        for (std::size_t o = 0; o < node.outputs.size(); ++o)
          if (node.outputs[o]) visit(plan_.nodes[n], node.outputs[o].value, o == 0 ? -1 : -2);
      }
    };
    each([&](PlannedNode& planned, std::uint32_t t, int operand) {
      const bool can = plan_.tensors[t].where == Where::arena && plan_.types[t].dtype() == DType::qint8 && operand != -2 &&
                       planned.prepared.flip && planned.prepared.flip(planned.prepared, operand, true);
      if (!can) fixed[t] = true;
    });
    each([&](PlannedNode& planned, std::uint32_t t, int operand) {
      if (!fixed[t]) planned.prepared.flip(planned.prepared, operand, false);
    });
  }

  /// Lifetimes from first to last use. Step 0 is before all nodes (inputs), the step behind all is where outputs are read.
  Status place_tensors() {
    const auto end = static_cast<std::uint32_t>(graph_.nodes().size() + 1);
    constexpr std::uint32_t unseen = ~std::uint32_t{0};
    std::vector<Block> life(plan_.tensors.size(), Block{.first = unseen});
    const auto touch = [&](TensorId id, std::uint32_t step) {
      if (!id) return;
      Block& block = life[memory_of(id).value];
      block.first = std::min(block.first, step);
      block.last = std::max(block.last, step);
    };
    for (TensorId id : graph_.inputs()) touch(id, 0);
    for (std::uint32_t n = 0; n + 1 < end; ++n) {
      if (plan_.nodes[n].folded) continue;
      for (TensorId id : graph_.nodes()[n].inputs) touch(id, n + 1);
      for (TensorId id : graph_.nodes()[n].outputs) touch(id, n + 1);
    }
    for (TensorId id : graph_.outputs()) touch(id, end);

    std::vector<Block> blocks;
    std::vector<std::size_t*> offsets;
    for (std::size_t t = 0; t < life.size(); ++t) {
      PlannedTensor& tensor = plan_.tensors[t];
      if (tensor.where == Where::folded && life[t].first == unseen && !context_.traced()) tensor.folded.release();
      if (tensor.where == Where::folded) plan_.prepared_bytes += tensor.folded.size();
      if (tensor.where != Where::arena || life[t].first == unseen) continue;
      blocks.push_back({.bytes = tensor.bytes, .first = life[t].first, .last = life[t].last});
      offsets.push_back(&tensor.offset);
    }
    for (std::uint32_t n = 0; n + 1 < end; ++n) {
      if (plan_.nodes[n].prepared.scratch_bytes == 0) continue;
      blocks.push_back({.bytes = plan_.nodes[n].prepared.scratch_bytes, .first = n + 1, .last = n + 1});
      offsets.push_back(&plan_.nodes[n].scratch_offset);
    }
    const auto total = place_blocks(blocks);
    if (!total || *total > budgets().arena_bytes)
      return failure(code::memory, Cause::resource_limit,
                     fmt::format("graph '{}' needs {} bytes for its activations, the budget is {}", graph_.name(),
                                 total ? std::to_string(*total) : "too many", budgets().arena_bytes));
    for (std::size_t i = 0; i < blocks.size(); ++i) *offsets[i] = blocks[i].offset;
    for (std::size_t t = 0; t < shared_.size(); ++t)
      if (shared_[t]) plan_.tensors[t].offset = plan_.tensors[shared_[t].value].offset;
    plan_.arena_bytes = *total;
    return Done{};
  }

  PlanContext& context_;
  const Graph& graph_;
  Plan plan_{};
  std::vector<View> views_{};            ///< data: values that are known
  std::vector<TensorId> shared_{};       ///< of tensors that lie in another's memory: which
  std::vector<const Buffer*> packed_{};  ///< constants that no kernel reads where they lie any more
  std::size_t folding_left_ = folding_budget;
};

}  // namespace

Result<Plan> make_plan(PlanContext& context, GraphId id, std::span<const Shape> input_shapes) {
  return Planner(context, id).make(input_shapes);
}

}  // namespace qgraph::runtime
