// Steps whose types or sizes are known only when they run: inferred, prepared and given memory then.
#include <spdlog/fmt/fmt.h>

#include "runtime/errors.hpp"
#include "runtime/frame.hpp"
#include "runtime/runtime.hpp"

namespace qgraph::runtime {

/// Gives a dynamic tensor a type and memory, which keeps its capacity between runs.
bool Frame::store(std::uint32_t tensor, const TensorType& type, std::size_t bytes) {
  Memory& memory = memories_[tensor];
  if (!memory.data() || memory.size() < bytes)
    if (!take(memory, memory.data() ? bytes + bytes / 2 : bytes)) return false;
  // Element types are the Graph's and stay; shapes change.
  if (!(plan_.types[tensor].shape == type.shape)) plan_.types[tensor].shape = type.shape;
  tensors_[tensor].data = memory.data();
  tensors_[tensor].bytes = bytes;
  return true;
}

bool Frame::make_ready(Step& step) {
  const Node& node = node_of(step);
  const auto inputs = operands(step.args.inputs), outputs = operands(step.args.outputs);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (node.inputs[i]) inputs[i] = tensors_[node.inputs[i].value];
  auto types = infer_node(runtime_, graph(), node, inputs);
  if (!types) return fail_with(std::move(types).error());
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    if (!node.outputs[o]) continue;
    const std::uint32_t t = node.outputs[o].value;
    const TensorType& type = (*types)[o];
    const auto bytes = bytes_of(type, runtime_.options().budgets);
    if (plan_.tensors[t].where == Where::dynamic) {
      if (!type.shape.is_static() || bits(type.storage()) == 0) {
        // The kernel decides, by Control::resize, which hosts' kernels have not.
        if (node.host)
          return fail_with(
              failure(code::bad_shape, Cause::shape_mismatch,
                      fmt::format("the size of output {} of '{}' is not known: {}", o, node.host->name, type.to_string())));
        plan_.types[t] = type;
        tensors_[t].data = nullptr;
        tensors_[t].bytes = 0;
      } else if (!bytes) {
        return fail_with(bytes.error());
      } else if (!store(t, type, *bytes)) {
        return false;
      }
    } else if (!(type.shape == plan_.types[t].shape)) {
      return fail_with(failure(code::bad_shape, Cause::shape_mismatch,
                               fmt::format("output {} is {} at run time, {} when planned", o, type.shape.to_string(),
                                           plan_.types[t].shape.to_string())));
    }
    outputs[o] = tensors_[t];
  }
  if (auto done = prepare_dynamic(step); !done) return fail_with(std::move(done).error());
  return true;
}

Status Frame::prepare_dynamic(Step& step) {
  const Node& node = node_of(step);
  const KernelDef& kernel = plan_.nodes[step.node].kernel;
  Dynamic& dynamic = dynamic_[step.dynamic];
  if (kernel.prepare || node.host) {
    std::vector<View> inputs(step.args.inputs.begin(), step.args.inputs.end());
    std::vector<View> outputs(step.args.outputs.begin(), step.args.outputs.end());
    Types types;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      types.push_back(inputs[i] ? *inputs[i].type : TensorType{});
      if (!node.inputs[i]) continue;
      const Where where = plan_.tensors[node.inputs[i].value].where;
      if (where != Where::constant && where != Where::folded) inputs[i].data = nullptr;
    }
    for (View& view : outputs) {
      types.push_back(view ? *view.type : TensorType{});
      view.data = nullptr;
    }
    if (!dynamic.ready || types != dynamic.prepared_for) {
      dynamic.ready = false;
      auto prepared = prepare_kernel(node, kernel, inputs, outputs, runtime_.execution());
      if (!prepared) return std::move(prepared).error();
      dynamic = {*std::move(prepared), std::move(types), true};
    }
  }
  if (dynamic.prepared.run) step.run = dynamic.prepared.run;
  step.args.prepared = dynamic.prepared.data.get();
  if (dynamic.prepared.scratch_bytes > dynamic_scratch_.size() && !take(dynamic_scratch_, dynamic.prepared.scratch_bytes))
    return failure(code::memory, Cause::resource_limit, "no memory for a kernel's temporaries");
  step.args.scratch = dynamic_scratch_.data();
  return Done{};
}

bool Frame::check_outputs(const Step& step) {
  const Node& node = node_of(step);
  for (std::size_t o = 0; o < node.outputs.size(); ++o) {
    if (!node.outputs[o]) continue;
    const View& view = tensors_[node.outputs[o].value];
    if (!view.data || !view.type->shape.is_static())
      return fail_with(failure(code::bad_shape, Cause::shape_mismatch,
                               fmt::format("the shape of output {} stays unknown: {}", o, view.type->shape.to_string())));
  }
  return true;
}

std::byte* Frame::resize(std::size_t output, const TensorType& type, std::size_t bytes) {
  const Node& node = node_of(*current_);
  if (output >= node.outputs.size() || !node.outputs[output]) {
    fail("the op has no such output", Cause::dangling_reference);
    return nullptr;
  }
  const std::uint32_t t = node.outputs[output].value;
  if (plan_.tensors[t].where != Where::dynamic) {
    if (plan_.types[t].shape == type.shape && tensors_[t].bytes == bytes) return tensors_[t].data;
    fail_with(failure(code::bad_shape, Cause::shape_mismatch,
                      fmt::format("output {} is {} at run time, {} when planned", output, type.shape.to_string(),
                                  plan_.types[t].shape.to_string())));
    return nullptr;
  }
  if (type.storage() != plan_.types[t].storage()) {
    fail_with(failure(code::bad_shape, Cause::dtype_contradiction,
                      fmt::format("output {} is {} at run time, {} when planned", output, name(type.storage()),
                                  name(plan_.types[t].storage()))));
    return nullptr;
  }
  if (!store(t, type, bytes)) return nullptr;
  operands(current_->args.outputs)[output] = tensors_[t];
  return tensors_[t].data;
}

}  // namespace qgraph::runtime
