// What a kernel is given. The same interface serves reference and fast kernels.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "qgraph/graph.hpp"

namespace qgraph {

/// A tensor at run time: bytes and a type with a concrete shape. data is null where an optional operand is left out or,
/// during prepare, where the value is not known yet.
struct View {
  std::byte* data = nullptr;
  const TensorType* type = nullptr;  ///< null: operand left out
  std::size_t bytes = 0;

  explicit operator bool() const noexcept { return type != nullptr; }
  template <class T>
  T* as() const noexcept {
    return reinterpret_cast<T*>(data);
  }
  const Shape& shape() const noexcept { return type->shape; }
  std::int64_t dim(std::size_t i) const noexcept { return type->shape[i]; }
  std::size_t rank() const noexcept { return type->shape.rank(); }
  /// Product of the dims. Concrete by construction.
  std::int64_t elements() const noexcept {
    std::int64_t n = 1;
    for (std::int64_t d : type->shape) n *= d;
    return n;
  }
};

/// State of a resource variable. Owned by the Session.
struct VariableState {
  TensorType type{};
  std::span<std::byte> bytes{};
  bool assigned = false;
};

/// What the runtime offers to the few kernels that need more than their operands.
class Control {
 public:
  /// Ends the run with this message, placed at the node. The kernel then returns; its outputs are not used.
  virtual void fail(std::string_view message, Cause cause = Cause::data_out_of_range) noexcept = 0;
  /// Gives output i another type and returns its memory; for outputs whose size only the kernel knows (strings, loops).
  /// Null where the memory is not to be had: that ends the run, and the failure is recorded.
  virtual std::byte* resize(std::size_t output, const TensorType& type, std::size_t bytes) = 0;
  /// Runs body k of the node. False: it failed, and the failure is recorded. `outputs` has room for all of the body's outputs;
  /// the views stay valid until the next call of the same body.
  virtual bool call(std::size_t body, std::span<const View> inputs, std::span<View> outputs) = 0;
  /// The state behind a resource handle; null: no such handle. assign() sets its type and size.
  virtual VariableState* variable(std::int32_t handle) noexcept = 0;
  virtual VariableState* assign(std::int32_t handle, const TensorType& type, std::size_t bytes) = 0;
  /// True the first time it is asked for this node in this Session (CALL_ONCE); reset() makes it true again.
  virtual bool first_time() noexcept = 0;
  virtual std::uint64_t loop_budget() const noexcept = 0;

 protected:
  ~Control() = default;
};

struct KernelArgs {
  std::span<const View> inputs{};
  std::span<const View> outputs{};
  const void* attribute_struct = nullptr;
  const void* prepared = nullptr;
  std::byte* scratch = nullptr;  ///< 64-byte aligned, PrepareContext::scratch_bytes, not initialised
  Control* control = nullptr;

  template <class A>
  const A& attributes() const noexcept {
    return *static_cast<const A*>(attribute_struct);
  }
  template <class P>
  const P& prepared_as() const noexcept {
    return *static_cast<const P*>(prepared);
  }
  template <class T>
  const T* in(std::size_t i) const noexcept {
    return inputs[i].as<T>();
  }
  template <class T>
  T* out(std::size_t i = 0) const noexcept {
    return outputs[i].as<T>();
  }
  bool has(std::size_t i) const noexcept { return i < inputs.size() && inputs[i].type != nullptr; }
};
/// Does not allocate, does not throw; reports trouble with values (an index out of range) by control->fail.
/// A state operand is written through inputs[i].
using KernelFn = void (*)(const KernelArgs&) noexcept;

struct PrepareContext {
  std::span<const View> inputs{};  ///< constants have data
  std::span<const View> outputs{};
  const void* attribute_struct = nullptr;
  std::size_t scratch_bytes = 0;   ///< out: wanted by run
  std::size_t prepared_bytes = 0;  ///< out: for statistics

  template <class A>
  const A& attributes() const noexcept {
    return *static_cast<const A*>(attribute_struct);
  }
  bool has(std::size_t i) const noexcept { return i < inputs.size() && inputs[i].type != nullptr; }
  bool constant(std::size_t i) const noexcept { return has(i) && inputs[i].data != nullptr; }
};
/// Called once the shapes are concrete, before run: multipliers, tables, packed weights. May fail (unsupported-dtype, ...).
/// Runs again when shapes change. Weights that are not constant are null here: run then works from the operand.
using PrepareFn = Result<std::shared_ptr<const void>> (*)(PrepareContext&);

/// A row of OpDef::reference. The first row that fits is taken.
struct KernelDef {
  DType primary = DType::unknown;    ///< TensorType::dtype() of operand OpDef::primary; unknown: any
  DType secondary = DType::unknown;  ///< of operand OpDef::secondary; unknown: any, also left out
  KernelFn run = nullptr;
  PrepareFn prepare = nullptr;
};
constexpr KernelDef kernel(DType primary, KernelFn run, PrepareFn prepare = nullptr) {
  return {.primary = primary, .run = run, .prepare = prepare};
}
constexpr KernelDef kernel(DType primary, DType secondary, KernelFn run, PrepareFn prepare = nullptr) {
  return {.primary = primary, .secondary = secondary, .run = run, .prepare = prepare};
}

}  // namespace qgraph
