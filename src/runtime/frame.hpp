// A Frame: a Plan with memory, bound to pointers. Runs as a flat array of steps.
#pragma once

#include <memory>
#include <vector>

#include "runtime/plan.hpp"

namespace qgraph::runtime {

class Runtime;

class Frame final : public Control {
 public:
  Frame(Runtime& runtime, Plan plan) : runtime_(runtime), plan_(std::move(plan)) {}
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  ~Frame();

  /// Takes memory and resolves every pointer. Once, before the first run.
  Status bind();
  /// Planned for inputs of these shapes?
  bool matches(std::span<const View> inputs) const noexcept;
  /// False: failed, and the failure is with the Runtime.
  bool set_input(std::size_t i, const View& value);
  bool run();
  std::size_t output_count() const noexcept { return graph().outputs().size(); }
  View output(std::size_t i) const noexcept { return tensors_[graph().outputs()[i].value]; }
  bool busy() const noexcept { return busy_; }
  const Graph& graph() const noexcept { return *plan_.graph; }
  const Plan& plan() const noexcept { return plan_; }
  std::size_t memory_bytes() const noexcept { return memory_bytes_; }
  /// What is known of a node's calls: all but its times.
  NodeProfile describe(std::uint32_t node) const;

  void fail(std::string_view message, Cause cause) noexcept override;
  std::byte* resize(std::size_t output, const TensorType& type, std::size_t bytes) override;
  bool call(std::size_t body, std::span<const View> inputs, std::span<View> outputs) override;
  VariableState* variable(std::int32_t handle) noexcept override;
  VariableState* assign(std::int32_t handle, const TensorType& type, std::size_t bytes) override;
  bool first_time() noexcept override;
  std::uint64_t loop_budget() const noexcept override;

 private:
  struct Step {
    KernelFn run = nullptr;
    KernelArgs args{};
    std::uint32_t node = 0;
    std::uint32_t dynamic = none;  ///< index into dynamic_
  };
  /// What a node needs that is inferred when it runs.
  struct Dynamic {
    Prepared prepared{};
    Types prepared_for{};
    bool ready = false;
  };
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  const Node& node_of(const Step& step) const noexcept { return graph().nodes()[step.node]; }
  std::span<View> operands(std::span<const View> views) noexcept {
    return {operands_.data() + (views.data() - operands_.data()), views.size()};
  }
  bool run_step(Step& step);
  bool run_traced();
  bool run_profiled();
  void report(std::uint32_t node);
  bool make_ready(Step& step);
  Status prepare_dynamic(Step& step);
  bool check_outputs(const Step& step);
  bool store(std::uint32_t tensor, const TensorType& type, std::size_t bytes);
  bool fail_with(Report report);
  bool take(Memory& memory, std::size_t bytes);

  Runtime& runtime_;
  Plan plan_;
  Memory arena_{};
  Memory dynamic_scratch_{};
  std::vector<View> tensors_{};     ///< of every tensor, now
  std::vector<Memory> memories_{};  ///< of dynamic tensors
  std::vector<View> operands_{};    ///< of every step, one after the other
  std::vector<Step> steps_{};
  std::vector<Dynamic> dynamic_{};
  std::size_t memory_bytes_ = 0;
  const Step* current_ = nullptr;
  bool busy_ = false;
};

}  // namespace qgraph::runtime
