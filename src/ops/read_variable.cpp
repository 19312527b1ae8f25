// read_variable: the value of a variable, by handle. TensorFlow Lite's READ_VARIABLE.
#include <cstring>

#include "ops/op_def.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  if (c.input(0).storage() != DType::resource)
    return constraint("read_variable_c1", "the operand is " + std::string(name(c.input(0).storage())) + ", not a resource",
                      Cause::dtype_contradiction);
  return Types{c.declared()};
}

void run(const KernelArgs& args) noexcept {
  const VariableState* state = args.inputs[0].bytes >= 4 ? args.control->variable(*args.in<std::int32_t>(0)) : nullptr;
  if (!state) return args.control->fail("there is no variable behind the handle", Cause::dangling_reference);
  const View& output = args.outputs[0];
  if (!state->assigned) {
    if (!output.data)
      return args.control->fail("a variable of unknown size is read before it is assigned", Cause::shape_mismatch);
    std::memset(output.data, 0, output.bytes);
    return;
  }
  if (state->type.storage() != output.type->storage())
    return args.control->fail("a variable is read as another dtype than was assigned", Cause::dtype_contradiction);
  if (std::byte* to = args.control->resize(0, state->type, state->bytes.size()); to && !state->bytes.empty())
    std::memcpy(to, state->bytes.data(), state->bytes.size());
}

constexpr std::array kernels{kernel(DType::resource, run)};

}  // namespace

extern constexpr OpDef read_variable{
    .name = "read_variable",
    .help = "The value of a variable; zeros of the declared type before the first assignment.",
    .inputs = "resource",
    .infer = infer,
    .reference = kernels,
    .stateful = true,
};

}  // namespace qgraph::ops
