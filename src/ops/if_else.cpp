// if_else: TensorFlow Lite's IF. Operand 0 chooses the body; the others are its inputs.
#include "ops/support/bodies.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  if (c.input(0).storage() != DType::boolean)
    return constraint("if_else_c1", "the condition is " + std::string(name(c.input(0).storage())) + ", not boolean",
                      Cause::dtype_contradiction);
  if (const auto elements = c.shape(0).elements(); elements && *elements != 1)
    return constraint("if_else_c2", "the condition has " + std::to_string(*elements) + " elements, not one");
  const Types *yes = body_types(c, 0), *no = body_types(c, 1);
  if (!yes || !no) return Types(c.declared_outputs.begin(), c.declared_outputs.end());
  if (yes->size() != no->size())
    return constraint("if_else_c3",
                      "one graph makes " + std::to_string(yes->size()) + " outputs, the other " + std::to_string(no->size()));
  Types types;
  for (std::size_t i = 0; i < yes->size(); ++i) {
    if ((*yes)[i].storage() != (*no)[i].storage())
      return constraint("if_else_c4",
                        "output " + std::to_string(i) + " is " + std::string(name((*yes)[i].storage())) + " in one graph, " +
                            std::string(name((*no)[i].storage())) + " in the other",
                        Cause::dtype_contradiction);
    types.push_back(c.output(i, (*yes)[i].element, common_shape((*yes)[i].shape, (*no)[i].shape)));
  }
  return types;
}

void run(const KernelArgs& args) noexcept {
  if (args.inputs[0].bytes < 1) return args.control->fail("the condition is empty", Cause::shape_mismatch);
  const std::span<View> results = body_results(args);
  if (args.control->call(*args.in<std::uint8_t>(0) != 0 ? 0 : 1, args.inputs.subspan(1), results)) copy_to_outputs(args, results);
}

constexpr std::array kernels{kernel(DType::boolean, run, prepare_bodies)};

}  // namespace

extern constexpr OpDef if_else{
    .name = "if_else",
    .help = "Runs its first graph where the condition is true, else its second, on the other operands.",
    .inputs = "condition inputs*",
    .outputs = "outputs*",
    .infer = infer,
    .reference = kernels,
    .bodies = 2,
    .stateful = true,
};

}  // namespace qgraph::ops
