// assign_variable: sets a variable, by handle. TensorFlow Lite's ASSIGN_VARIABLE.
#include <cstring>

#include "ops/op_def.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  if (c.input(0).storage() != DType::resource)
    return constraint("assign_variable_c1",
                      "the first operand is " + std::string(name(c.input(0).storage())) + ", not a resource",
                      Cause::dtype_contradiction);
  return Types{};
}

void run(const KernelArgs& args) noexcept {
  if (args.inputs[0].bytes < 4) return args.control->fail("the handle is empty", Cause::dangling_reference);
  const View& value = args.inputs[1];
  const VariableState* state = args.control->assign(*args.in<std::int32_t>(0), *value.type, value.bytes);
  if (!state) return args.control->fail("there is no variable behind the handle", Cause::dangling_reference);
  if (value.bytes > 0) std::memcpy(state->bytes.data(), value.data, value.bytes);
}

constexpr std::array kernels{kernel(DType::resource, run)};

}  // namespace

extern constexpr OpDef assign_variable{
    .name = "assign_variable",
    .help = "Sets a variable to a value, whose type and shape it takes. It keeps it between runs.",
    .inputs = "resource value",
    .outputs = "",
    .infer = infer,
    .reference = kernels,
    .stateful = true,
};

}  // namespace qgraph::ops
