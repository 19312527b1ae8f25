// What the frames of one Session share: plans by shapes, state, variables, budgets, the first failure.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "runtime/frame.hpp"
#include "runtime/trace.hpp"

namespace qgraph::runtime {

class Runtime final : public PlanContext {
 public:
  Runtime(Model model, SessionOptions options, kernels::Cpu cpu);

  /// Runs a graph. Null: failed, and failure() says why. Outputs are in the frame until the graph's next run.
  Frame* run(GraphId id, std::span<const View> inputs);
  /// All state back to its beginning.
  void reset();
  const Report& failure() const noexcept { return *failure_; }
  void clear_failure() noexcept { failure_.reset(); }
  bool failed() const noexcept { return failure_.has_value(); }
  bool fail(Report report) noexcept;
  SessionStats stats() const noexcept;

  /// With SessionOptions::profile: begins the record of a run; adds a call of a node to it; what it holds.
  void begin_profile() noexcept;
  void record(const Frame& frame, std::uint32_t node, std::uint64_t nanoseconds) noexcept;
  std::vector<NodeProfile> profile() const;
  std::uint64_t nested_nanoseconds = 0;  ///< of the nodes that the one which is timed has run so far

  /// Memory against Budgets::arena_bytes. False: over the budget, which is recorded.
  bool charge(std::size_t bytes) noexcept;
  void give_back(std::size_t bytes) noexcept { charged_ -= bytes; }
  /// Memory of a state tensor; null: not to be had.
  std::byte* state(GraphId graph, std::uint32_t tensor, std::size_t bytes);
  VariableState* variable(std::int32_t handle) noexcept;
  VariableState* assign(std::int32_t handle, const TensorType& type, std::size_t bytes);
  bool first_time(GraphId graph, std::uint32_t node);

  const Model& model() const noexcept override { return model_; }
  const SessionOptions& options() const noexcept override { return options_; }
  Execution execution() const noexcept override {
    return {.fast = options_.kernels == Kernels::fast, .cpu = cpu_, .threads = threads_, .cache = cache_.get()};
  }
  Result<Types> body_outputs(GraphId body, std::span<const TensorType* const> inputs) override;
  bool traced() const noexcept override { return static_cast<bool>(trace_); }
  const Trace& trace() const noexcept { return trace_; }
  /// Before the first run: tools see the graph as it was loaded.
  void set_trace(Trace trace);

 private:
  Frame* find(GraphId id, std::span<const View> inputs) noexcept;
  Result<Frame*> find_or_plan(GraphId id, std::span<const View> inputs);
  /// Drops plans that do not run, the longest unused first, until so many are kept.
  void trim(GraphId id, std::size_t kept);

  struct State {
    std::uint32_t tensor = 0;
    Memory memory{};
    std::size_t bytes = 0;
  };
  struct NodeTime {
    std::uint64_t nanoseconds = 0, calls = 0;
  };
  struct PerGraph {
    std::vector<std::unique_ptr<Frame>> frames{};  ///< the last used first
    std::vector<State> states{};
    std::vector<bool> seen{};          ///< nodes that were first_time
    std::vector<NodeTime> times[2]{};  ///< of the nodes that passes made, and of those that were loaded
  };
  Result<Plan> plan(GraphId id, std::span<const Shape> shapes);
  bool as_loaded(const Frame& frame) const noexcept { return &frame.graph() == &loaded_.graph(frame.plan().id); }

  Trace trace_{};
  Model loaded_, passed_;  ///< as loaded, and as passes made it
  Model model_;            ///< the one that is run; plans point into one of the others
  SessionOptions options_;
  kernels::Cpu cpu_;
  std::unique_ptr<PackedCache> cache_{};
  std::unique_ptr<ThreadPool> own_threads_{};
  ThreadPool* threads_ = nullptr;  ///< null: none share the work
  std::size_t charged_ = 0;
  std::uint32_t depth_ = 0;
  std::uint64_t calls_ = 0;  ///< of bodies, in this run: loops in loops multiply
  std::optional<Report> failure_{};
  std::vector<VariableState> variables_{};
  std::vector<Memory> variable_memory_{};
  std::vector<PerGraph> graphs_{};  ///< last: frames go before what they count on
};

}  // namespace qgraph::runtime
