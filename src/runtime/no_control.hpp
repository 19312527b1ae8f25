// The Control of kernels that run while planning.
#pragma once

#include "ops/kernel.hpp"

namespace qgraph::runtime {

/// Whatever asks for more than its operands has failed.
class NoControl final : public Control {
 public:
  bool failed = false;
  void fail(std::string_view, Cause) noexcept override { failed = true; }
  std::byte* resize(std::size_t, const TensorType&, std::size_t) override {
    failed = true;
    return nullptr;
  }
  bool call(std::size_t, std::span<const View>, std::span<View>) override {
    failed = true;
    return false;
  }
  VariableState* variable(std::int32_t) noexcept override {
    failed = true;
    return nullptr;
  }
  VariableState* assign(std::int32_t, const TensorType&, std::size_t) override {
    failed = true;
    return nullptr;
  }
  bool first_time() noexcept override {
    failed = true;
    return false;
  }
  std::uint64_t loop_budget() const noexcept override { return 0; }
};

}  // namespace qgraph::runtime
