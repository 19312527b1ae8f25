// Runs a Plan. The static part neither allocates nor looks at shapes; dynamic steps are in frame_dynamic.cpp.
#include "runtime/frame.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstring>

#include "runtime/errors.hpp"
#include "runtime/runtime.hpp"

namespace qgraph::runtime {

Frame::~Frame() { runtime_.give_back(memory_bytes_); }

bool Frame::take(Memory& memory, std::size_t bytes) {
  if (!runtime_.charge(bytes)) return false;
  runtime_.give_back(memory.size());
  memory_bytes_ -= memory.size();
  memory.release();
  if (memory.reserve(bytes)) {
    memory_bytes_ += bytes;
    return true;
  }
  runtime_.give_back(bytes);
  return runtime_.fail(failure(code::memory, Cause::resource_limit, fmt::format("{} bytes of memory are not to be had", bytes)));
}

Status Frame::bind() {
  const auto refused = [&] {
    Report report = runtime_.failure();
    runtime_.clear_failure();
    return report;
  };
  if (!take(arena_, plan_.arena_bytes)) return refused();
  const std::size_t count = plan_.tensors.size();
  tensors_.resize(count);
  memories_.resize(count);
  for (std::uint32_t t = 0; t < count; ++t) {
    const PlannedTensor& planned = plan_.tensors[t];
    View& view = tensors_[t];
    view.type = &plan_.types[t];
    view.bytes = planned.bytes;
    if (planned.where == Where::arena)
      view.data = arena_.data() + planned.offset;
    else if (planned.folded.data())
      view.data = planned.folded.data();
    else if (planned.where == Where::constant)
      view.data = const_cast<std::byte*>(graph().tensors()[t].data.bytes.data());  // kernels do not write constants
    else if (planned.where == Where::state)
      view.data = runtime_.state(plan_.id, t, planned.bytes);
    if (planned.where == Where::state && !view.data) return refused();
  }
  std::size_t operand_count = 0, step_count = 0;
  for (std::size_t n = 0; n < plan_.nodes.size(); ++n)
    if (!plan_.nodes[n].folded) {
      operand_count += graph().nodes()[n].inputs.size() + graph().nodes()[n].outputs.size();
      ++step_count;
    }
  operands_.reserve(operand_count);
  steps_.reserve(step_count);
  const auto gather = [&](std::span<const TensorId> ids) {
    const std::size_t begin = operands_.size();
    for (TensorId id : ids) operands_.push_back(id ? tensors_[id.value] : View{});
    return std::span<const View>(operands_.data() + begin, ids.size());
  };
  for (std::uint32_t n = 0; n < plan_.nodes.size(); ++n) {
    const PlannedNode& planned = plan_.nodes[n];
    if (planned.folded) continue;
    const Node& node = graph().nodes()[n];
    Step& step = steps_.emplace_back();
    step.run = planned.prepared.run ? planned.prepared.run : planned.kernel.run;
    step.node = n;
    step.args.inputs = gather(node.inputs);
    step.args.outputs = gather(node.outputs);
    step.args.attribute_struct = node.attributes.get();
    step.args.prepared = planned.prepared.data.get();
    step.args.scratch = arena_.data() + planned.scratch_offset;
    step.args.control = this;
    if (!planned.dynamic) continue;
    step.dynamic = static_cast<std::uint32_t>(dynamic_.size());
    dynamic_.emplace_back();
  }
  return Done{};
}

bool Frame::matches(std::span<const View> inputs) const noexcept {
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!(plan_.types[graph().inputs()[i].value].shape == inputs[i].type->shape)) return false;
  return true;
}

bool Frame::set_input(std::size_t i, const View& value) {
  const std::uint32_t t = graph().inputs()[i].value;
  View& view = tensors_[t];
  if (plan_.tensors[t].where == Where::dynamic) {
    if (!store(t, plan_.types[t], value.bytes)) return false;
  } else if (value.bytes != view.bytes) {
    return runtime_.fail(
        failure(code::bad_input, Cause::data_size_mismatch,
                fmt::format("input {} of graph '{}' takes {} bytes, {} are passed", i, graph().name(), view.bytes, value.bytes)));
  }
  if (value.bytes > 0) std::memmove(view.data, value.data, value.bytes);
  return true;
}

bool Frame::run_step(Step& step) {
  current_ = &step;
  if (step.dynamic != none && !make_ready(step)) return false;
  step.run(step.args);
  if (runtime_.failed()) [[unlikely]]
    return false;
  return step.dynamic == none || check_outputs(step);
}

bool Frame::run() {
  busy_ = true;
  bool done = true;
  if (runtime_.trace()) {
    done = run_traced();
  } else if (runtime_.options().profile) {
    done = run_profiled();
  } else {
    for (Step& step : steps_)
      if (!run_step(step)) {
        done = false;
        break;
      }
  }
  busy_ = false;
  return done;
}

bool Frame::run_traced() {
  auto step = steps_.begin();
  for (std::uint32_t n = 0; n < plan_.nodes.size(); ++n) {
    if (step != steps_.end() && step->node == n && !run_step(*step++)) return false;
    report(n);
  }
  return true;
}

void Frame::report(std::uint32_t n) {
  const Node& node = graph().nodes()[n];
  for (std::size_t o = 0; o < node.outputs.size(); ++o) {
    if (!node.outputs[o]) continue;
    const View& view = tensors_[node.outputs[o].value];
    runtime_.trace()({.graph = plan_.id,
                      .node = &node,
                      .output = o,
                      .tensor = &graph()[node.outputs[o]],
                      .value = {view.type, {view.data, view.bytes}}});
  }
}

bool Frame::fail_with(Report report) { return runtime_.fail(placed(std::move(report), graph(), plan_.id, node_of(*current_))); }

void Frame::fail(std::string_view message, Cause cause) noexcept {
  fail_with(failure(cause == Cause::resource_limit ? code::loop : code::bad_value, cause, std::string(message)));
}

bool Frame::call(std::size_t body, std::span<const View> inputs, std::span<View> outputs) {
  const Node& node = node_of(*current_);
  if (body >= node.bodies.size())
    return fail_with(failure(code::bad_shape, Cause::dangling_reference, "the op calls a graph it has not"));
  Frame* frame = runtime_.run(node.bodies[body], inputs);
  if (!frame) return false;
  if (frame->output_count() > outputs.size())
    return fail_with(failure(
        code::bad_shape, Cause::shape_mismatch,
        fmt::format("graph '{}' makes {} outputs, {} are taken", frame->graph().name(), frame->output_count(), outputs.size())));
  for (std::size_t i = 0; i < frame->output_count(); ++i) outputs[i] = frame->output(i);
  return true;
}

VariableState* Frame::variable(std::int32_t handle) noexcept { return runtime_.variable(handle); }

VariableState* Frame::assign(std::int32_t handle, const TensorType& type, std::size_t bytes) {
  return runtime_.assign(handle, type, bytes);
}

bool Frame::first_time() noexcept { return runtime_.first_time(plan_.id, current_->node); }

std::uint64_t Frame::loop_budget() const noexcept { return runtime_.options().budgets.loop_iterations; }

}  // namespace qgraph::runtime
