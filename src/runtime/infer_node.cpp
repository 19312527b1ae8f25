// Output types of a node from its operands, when planning and at run time.
#include <spdlog/fmt/fmt.h>

#include <optional>

#include "runtime/errors.hpp"
#include "runtime/plan.hpp"

namespace qgraph::runtime {
namespace {

Result<Types> types_of_body(PlanContext& context, const Node& node, GraphId body, std::span<const TensorType* const> inputs) {
  // A body takes the node's last operands: all of a loop's, all but the condition of IF, none of CALL_ONCE.
  const std::size_t wanted = context.model().graph(body).inputs().size();
  const auto passes = [&](std::size_t count) {
    return failure(code::bad_shape, Cause::shape_mismatch,
                   fmt::format("'{}' passes {} tensors to graph '{}', which takes {}", node.op_name(), count,
                               context.model().graph(body).name(), wanted));
  };
  if (!node.op || !node.op->body_inputs) {
    if (wanted > inputs.size()) return passes(inputs.size());
    return context.body_outputs(body, inputs.last(wanted));
  }
  const Types given = node.op->body_inputs(node.attributes.get(), inputs);
  std::vector<const TensorType*> pointers;
  for (const TensorType& type : given) pointers.push_back(&type);
  if (pointers.size() != wanted) return passes(pointers.size());
  return context.body_outputs(body, pointers);
}

/// Of an If only the chosen graph need fit: exporters write both ways to treat a rank, of which one cannot run.
Result<std::vector<Types>> types_of_branches(PlanContext& context, const Node& node, std::span<const View> operands,
                                             std::span<const TensorType* const> inputs) {
  const View& condition = operands[0];
  if (condition.data && condition.bytes > 0) {
    auto chosen = types_of_body(context, node, node.bodies[*condition.as<std::uint8_t>() != 0 ? 0 : 1], inputs);
    if (!chosen) return std::move(chosen).error();
    return std::vector<Types>(2, *chosen);
  }
  std::vector<Types> types;
  std::optional<Report> trouble;
  for (const GraphId body : node.bodies) {
    auto made = types_of_body(context, node, body, inputs);
    if (made) {
      types.push_back(*std::move(made));
      continue;
    }
    if (trouble || made.error().diagnostics[0].cause == Cause::resource_limit) return std::move(made).error();
    trouble = std::move(made).error();
    Types open;
    for (const TensorId t : context.model().graph(body).outputs())
      open.push_back({context.model().graph(body)[t].type.element, Shape::unknown_rank()});
    types.push_back(std::move(open));
  }
  return types;
}

Result<std::vector<Types>> types_of_bodies(PlanContext& context, const Node& node, std::span<const View> operands,
                                           std::span<const TensorType* const> inputs) {
  if (node.op_name() == "if_else" && node.bodies.size() == 2 && !operands.empty())
    return types_of_branches(context, node, operands, inputs);
  std::vector<Types> types;
  for (const GraphId body : node.bodies) {
    auto outputs = types_of_body(context, node, body, inputs);
    if (!outputs) return std::move(outputs).error();
    types.push_back(*std::move(outputs));
  }
  return types;
}

}  // namespace

Result<std::size_t> bytes_of(const TensorType& type, const Budgets& budgets) {
  if (bits(type.storage()) == 0) return std::size_t{0};
  const auto bytes = type.bytes();
  if (!bytes || *bytes > budgets.tensor_bytes)
    return failure(code::memory, Cause::resource_limit,
                   fmt::format("a tensor of type {} exceeds the budget of {} bytes", type.to_string(), budgets.tensor_bytes));
  return *bytes;
}

Result<Types> infer_node(PlanContext& context, const Graph& graph, const Node& node, std::span<const View> inputs) {
  std::vector<const TensorType*> types;
  std::vector<std::span<const std::byte>> bytes;
  for (const View& view : inputs) {
    types.push_back(view.type);
    bytes.emplace_back(view.data, view.data ? view.bytes : 0);
  }
  std::vector<const std::span<const std::byte>*> values;
  for (std::size_t i = 0; i < inputs.size(); ++i) values.push_back(inputs[i].data ? &bytes[i] : nullptr);
  Types declared;
  for (TensorId output : node.outputs) declared.push_back(output ? graph[output].type : TensorType{});

  const auto infer = [&]() -> Result<Types> {
    if (node.host) {
      if (!node.host->infer) return declared;
      Types given;
      for (const TensorType* type : types) given.push_back(type ? *type : TensorType{});
      return node.host->infer(given);
    }
    if (!node.op || !node.op->infer)
      return failure(code::no_kernel, Cause::unknown_op, fmt::format("'{}' is not known and cannot be run", node.op_name()));
    auto bodies = types_of_bodies(context, node, inputs, types);
    if (!bodies) return std::move(bodies).error();
    return node.op->infer({.inputs = types,
                           .values = values,
                           .declared_outputs = declared,
                           .output_count = node.outputs.size(),
                           .attribute_struct = node.attributes.get(),
                           .body_outputs = *bodies});
  };
  auto result = infer();
  if (!result) return result;
  if (result->size() < node.outputs.size())
    return failure(code::bad_shape, Cause::shape_mismatch,
                   fmt::format("'{}' makes {} outputs, {} are wanted", node.op_name(), result->size(), node.outputs.size()));
  for (std::size_t o = 0; o < node.outputs.size(); ++o) {
    // The Graph's element types are final: what it says of quantization holds.
    if (declared[o].storage() == DType::unknown) continue;
    if ((*result)[o].storage() != declared[o].storage())
      return failure(code::no_kernel, Cause::dtype_contradiction,
                     fmt::format("output {} of '{}' is {}, the graph has {}", o, node.op_name(), name((*result)[o].storage()),
                                 name(declared[o].storage())));
    (*result)[o].element = declared[o].element;
  }
  return result;
}

}  // namespace qgraph::runtime
