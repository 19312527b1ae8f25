// What the frames of one Session share.
#include "runtime/runtime.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "runtime/errors.hpp"
#include "runtime/passes/pass.hpp"

namespace qgraph::runtime {
namespace {

/// Plans kept per graph: loops whose shapes change come back to a few of them.
constexpr std::size_t plans_kept = 8;

Report no_memory(std::size_t bytes) {
  return failure(code::memory, Cause::resource_limit, fmt::format("{} bytes of memory are not to be had", bytes));
}

/// What stands for 0: the zero point of 8-bit quantized state, as TFLite resets its variable tensors; else zero bytes.
void write_real_zeros(const TensorType& type, std::byte* memory, std::size_t bytes) {
  const bool byte_wide = type.quantized() && bits(type.storage()) == 8;
  std::memset(memory, byte_wide ? static_cast<int>(type.zero_point()) & 0xFF : 0, bytes);
}

}  // namespace

Runtime::Runtime(Model model, SessionOptions options, kernels::Cpu cpu)
    : loaded_(std::move(model)),
      passed_(options.kernels == Kernels::fast ? passes::apply(loaded_) : loaded_),
      model_(passed_),
      options_(std::move(options)),
      cpu_(cpu) {
  if (options_.kernels == Kernels::fast) {
    if (!options_.thread_pool && options_.threads > 1) own_threads_ = std::make_unique<OwnThreadPool>(options_.threads);
    threads_ = options_.thread_pool ? options_.thread_pool.get() : own_threads_.get();
    if (threads_ && threads_->workers() == 1) threads_ = nullptr;
    if (!options_.packed_weights_cache.empty()) cache_ = std::make_unique<PackedCache>(options_.packed_weights_cache);
  }
  graphs_.resize(model_.graphs().size());
  if (options_.profile)
    for (std::size_t g = 0; g < graphs_.size(); ++g) {
      graphs_[g].times[false].resize(passed_.graphs()[g].nodes().size());
      graphs_[g].times[true].resize(loaded_.graphs()[g].nodes().size());
    }
  variable_memory_.resize(model_.data().variables.size());
  variables_.resize(variable_memory_.size());
  for (std::size_t v = 0; v < variables_.size(); ++v) variables_[v].type = model_.data().variables[v].type;
}

bool Runtime::fail(Report report) noexcept {
  if (!failure_) failure_.emplace(std::move(report));
  return false;
}

bool Runtime::charge(std::size_t bytes) noexcept {
  if (bytes > options_.budgets.arena_bytes || charged_ > options_.budgets.arena_bytes - bytes)
    return fail(qgraph::failure(code::memory, Cause::resource_limit,
                                fmt::format("{} bytes for activations and {} more exceed the budget of {} bytes", charged_, bytes,
                                            options_.budgets.arena_bytes)));
  charged_ += bytes;
  return true;
}

Frame* Runtime::find(GraphId id, std::span<const View> inputs) noexcept {
  auto& frames = graphs_[id.value].frames;
  for (auto it = frames.begin(); it != frames.end(); ++it) {
    if (!(*it)->matches(inputs)) continue;
    std::rotate(frames.begin(), it, it + 1);
    return frames.front().get();
  }
  return nullptr;
}

void Runtime::set_trace(Trace trace) {
  trace_ = std::move(trace);
  model_ = trace_ ? loaded_ : passed_;
}

/// What passes made may refuse shapes that the graph itself takes, or refuse them with other words. Other shapes are planned with
/// passes again.
Result<Plan> Runtime::plan(GraphId id, std::span<const Shape> shapes) {
  auto plan = make_plan(*this, id, shapes);
  if (plan || &model_.data() == &loaded_.data()) return plan;
  Model passed = std::exchange(model_, loaded_);
  auto as_loaded = make_plan(*this, id, shapes);
  model_ = std::move(passed);
  return as_loaded;
}

Result<Frame*> Runtime::find_or_plan(GraphId id, std::span<const View> inputs) {
  if (Frame* frame = find(id, inputs)) return frame;
  if (depth_ >= options_.budgets.nesting)
    return qgraph::failure(code::nesting, Cause::resource_limit,
                           fmt::format("graph '{}' lies more than {} graphs deep, or calls itself", model_.graph(id).name(),
                                       options_.budgets.nesting));
  std::vector<Shape> shapes;
  for (const View& view : inputs) shapes.push_back(view.type->shape);
  ++depth_;
  auto plan = this->plan(id, shapes);
  --depth_;
  if (!plan) return std::move(plan).error();
  // Plans for other shapes go first where memory is short.
  if (plan->arena_bytes + charged_ > options_.budgets.arena_bytes) trim(id, 0);
  if (cache_ && depth_ == 0) cache_->save();
  auto frame = std::make_unique<Frame>(*this, *std::move(plan));
  if (auto done = frame->bind(); !done) return std::move(done).error();
  auto& frames = graphs_[id.value].frames;
  frames.insert(frames.begin(), std::move(frame));
  return frames.front().get();
}

void Runtime::trim(GraphId id, std::size_t kept) {
  auto& frames = graphs_[id.value].frames;
  const std::size_t in_use = kept > 0 ? 1 : 0;  // the first is about to run
  for (std::size_t i = frames.size(); i-- > in_use && frames.size() > kept;)
    if (!frames[i]->busy()) frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(i));
}

Frame* Runtime::run(GraphId id, std::span<const View> inputs) {
  const Graph& graph = model_.graph(id);
  const auto refuse = [&](Report report) {
    fail(std::move(report));
    return nullptr;
  };
  if (inputs.size() != graph.inputs().size())
    return refuse(qgraph::failure(
        code::bad_shape, Cause::shape_mismatch,
        fmt::format("graph '{}' takes {} inputs, {} are passed", graph.name(), graph.inputs().size(), inputs.size())));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const TensorType& declared = graph[graph.inputs()[i]].type;
    if (!inputs[i].type || inputs[i].type->storage() != declared.storage())
      return refuse(
          qgraph::failure(code::bad_shape, Cause::dtype_contradiction,
                          fmt::format("input {} of graph '{}' is {}, {} is passed", i, graph.name(), name(declared.storage()),
                                      inputs[i].type ? name(inputs[i].type->storage()) : "nothing")));
  }
  auto frame = find_or_plan(id, inputs);
  if (!frame) return refuse(std::move(frame).error());
  if ((*frame)->busy() || depth_ >= options_.budgets.nesting)
    return refuse(qgraph::failure(
        code::nesting, Cause::resource_limit,
        fmt::format("graph '{}' calls itself, or lies more than {} graphs deep", graph.name(), options_.budgets.nesting)));
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!(*frame)->set_input(i, inputs[i])) return nullptr;
  trim(id, plans_kept);
  calls_ = depth_ == 0 ? 0 : calls_ + 1;
  // Each loop keeps to its budget by itself; an iteration calls up to two bodies, which may hold a few more.
  constexpr std::uint64_t calls_per_iteration = 4;
  if (calls_ / calls_per_iteration > options_.budgets.loop_iterations)
    return refuse(qgraph::failure(
        code::nesting, Cause::resource_limit,
        fmt::format("loops in loops run more than {} bodies", calls_per_iteration * options_.budgets.loop_iterations)));
  ++depth_;
  const bool done = (*frame)->run();
  --depth_;
  return done ? *frame : nullptr;
}

Result<Types> Runtime::body_outputs(GraphId body, std::span<const TensorType* const> inputs) {
  const Graph& graph = model_.graph(body);
  Types declared;
  for (TensorId id : graph.outputs()) declared.push_back(graph[id].type);
  std::vector<View> views;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i] || !inputs[i]->shape.is_static()) return declared;
    if (inputs[i]->storage() != graph[graph.inputs()[i]].type.storage()) return declared;
    views.push_back({.type = inputs[i]});
  }
  auto frame = find_or_plan(body, views);
  if (!frame) return std::move(frame).error();
  Types types = (*frame)->plan().output_types;
  trim(body, plans_kept);
  return types;
}

std::byte* Runtime::state(GraphId graph, std::uint32_t tensor, std::size_t bytes) {
  auto& states = graphs_[graph.value].states;
  for (State& state : states)
    if (state.tensor == tensor) return state.memory.data();
  State state{.tensor = tensor, .memory = {}, .bytes = bytes};
  if (!charge(bytes)) return nullptr;
  if (!state.memory.reserve(bytes)) {
    give_back(bytes);
    fail(no_memory(bytes));
    return nullptr;
  }
  write_real_zeros(model_.graph(graph).tensors()[tensor].type, state.memory.data(), bytes);
  return states.emplace_back(std::move(state)).memory.data();
}

VariableState* Runtime::variable(std::int32_t handle) noexcept {
  return handle >= 0 && static_cast<std::size_t>(handle) < variables_.size() ? &variables_[static_cast<std::size_t>(handle)]
                                                                             : nullptr;
}

VariableState* Runtime::assign(std::int32_t handle, const TensorType& type, std::size_t bytes) {
  VariableState* variable = this->variable(handle);
  if (!variable) return nullptr;
  Memory& memory = variable_memory_[static_cast<std::size_t>(handle)];
  if (!memory.data() || memory.size() < bytes) {
    if (!charge(bytes)) return nullptr;
    give_back(memory.size());
    if (!memory.reserve(bytes)) {
      give_back(bytes);
      fail(no_memory(bytes));
      return nullptr;
    }
  }
  if (!(variable->type == type)) variable->type = type;
  variable->bytes = {memory.data(), bytes};
  variable->assigned = true;
  return variable;
}

bool Runtime::first_time(GraphId graph, std::uint32_t node) {
  auto& seen = graphs_[graph.value].seen;
  if (seen.empty()) seen.resize(model_.graph(graph).nodes().size());
  const bool first = !seen[node];
  seen[node] = true;
  return first;
}

void Runtime::reset() {
  for (std::size_t g = 0; g < graphs_.size(); ++g) {
    const auto tensors = model_.graphs()[g].tensors();
    for (State& state : graphs_[g].states) write_real_zeros(tensors[state.tensor].type, state.memory.data(), state.bytes);
    graphs_[g].seen.assign(graphs_[g].seen.size(), false);
  }
  for (std::size_t v = 0; v < variables_.size(); ++v) variables_[v] = {.type = model_.data().variables[v].type};
}

SessionStats Runtime::stats() const noexcept {
  SessionStats stats{.cached_bytes = cache_ ? cache_->found_bytes() : 0, .threads = threads_ ? threads_->workers() : 1};
  for (const PerGraph& graph : graphs_)
    for (const auto& frame : graph.frames) {
      stats.arena_bytes += frame->memory_bytes();
      stats.packed_bytes += frame->plan().prepared_bytes;
    }
  return stats;
}

}  // namespace qgraph::runtime
