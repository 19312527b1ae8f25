// A Plan: one graph at given input shapes. Types, kernels, what is known beforehand, and where every tensor lies.
#pragma once

#include <vector>

#include "ops/op_def.hpp"
#include "qgraph/session.hpp"
#include "runtime/memory.hpp"
#include "runtime/select_kernel.hpp"

namespace qgraph::runtime {

/// Where the bytes of a tensor are.
enum class Where : std::uint8_t {
  nowhere,   ///< nothing makes it
  constant,  ///< the Graph's own bytes
  folded,    ///< computed when planning; Plan::folded
  state,     ///< kept by the Session between runs
  arena,     ///< at an offset of the arena
  dynamic,   ///< memory of its own that grows: type or size is known only at run time
};

struct PlannedTensor {
  Where where = Where::nowhere;
  std::size_t bytes = 0;
  std::size_t offset = 0;  ///< arena
  Memory folded{};         ///< folded, and constants that were not aligned for their dtype
};

struct PlannedNode {
  KernelDef kernel{};
  Prepared prepared{};
  std::size_t scratch_offset = 0;
  bool folded = false;   ///< needs not run
  bool dynamic = false;  ///< inferred and prepared when it runs
};

struct Plan {
  const Graph* graph = nullptr;
  GraphId id{};
  std::vector<TensorType> types{};  ///< of every tensor; shapes that are known only at run time are not static
  std::vector<PlannedTensor> tensors{};
  std::vector<PlannedNode> nodes{};
  std::size_t arena_bytes = 0;
  std::size_t dynamic_scratch = 0;
  std::size_t prepared_bytes = 0;  ///< by kernels, and folded tensors
  Types output_types{};            ///< of the graph, as planned: `types` of dynamic tensors change when it runs
};

/// What planning asks of its surroundings.
class PlanContext {
 public:
  virtual const Model& model() const noexcept = 0;
  virtual const SessionOptions& options() const noexcept = 0;
  virtual Execution execution() const noexcept = 0;
  /// Types of the outputs of a body for inputs of these types: concrete where they are static, else as its graph declares them.
  virtual Result<Types> body_outputs(GraphId body, std::span<const TensorType* const> inputs) = 0;
  /// Tools see all tensors: folded ones are kept.
  virtual bool traced() const noexcept = 0;

 protected:
  ~PlanContext() = default;
};

Result<Plan> make_plan(PlanContext& context, GraphId id, std::span<const Shape> input_shapes);

/// Output types of a node, the same way when planning and at run time. Views without data: values not known yet.
Result<Types> infer_node(PlanContext& context, const Graph& graph, const Node& node, std::span<const View> inputs);

/// Bytes of a type, within Budgets::tensor_bytes; 0 for strings, whose size is no matter of their shape.
Result<std::size_t> bytes_of(const TensorType& type, const Budgets& budgets);

}  // namespace qgraph::runtime
