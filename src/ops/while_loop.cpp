// while_loop: TensorFlow Lite's WHILE. body 0 is the condition, body 1 makes the next values of all loop variables.
#include "ops/support/bodies.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const Types* condition = body_types(c, 0);
  if (condition && (condition->size() != 1 || (*condition)[0].storage() != DType::boolean))
    return constraint("while_loop_c1", "the condition's graph must have one boolean output", Cause::dtype_contradiction);
  const Types* next = body_types(c, 1);
  if (next && next->size() != c.input_count())
    return constraint("while_loop_c2", "the loop has " + std::to_string(c.input_count()) + " variables, its body makes " +
                                           std::to_string(next->size()));
  Types types;
  for (std::size_t i = 0; i < c.input_count(); ++i) {
    if (!c.has(i)) return constraint("while_loop_c3", "a loop variable is left out", Cause::dangling_reference);
    if (next && (*next)[i].storage() != c.input(i).storage())
      return constraint("while_loop_c4",
                        "loop variable " + std::to_string(i) + " begins as " + std::string(name(c.input(i).storage())) +
                            ", the body makes " + std::string(name((*next)[i].storage())),
                        Cause::dtype_contradiction);
    // One whose shape changes is known by rank only, or not at all.
    types.push_back(c.output(i, c.input(i).element, next ? common_shape(c.shape(i), (*next)[i].shape) : Shape::unknown_rank()));
  }
  return types;
}

/// The loop variables live in the node's outputs: a body's inputs are copied from there before its memory is used again.
void run(const KernelArgs& args) noexcept {
  if (!copy_to_outputs(args, args.inputs)) return;
  const std::span<View> next = body_results(args);
  for (std::uint64_t left = args.control->loop_budget();; --left) {
    View condition{};
    if (!args.control->call(0, args.outputs, {&condition, 1})) return;
    if (condition.bytes < 1) return args.control->fail("the condition of the loop is empty", Cause::shape_mismatch);
    if (*condition.as<std::uint8_t>() == 0) return;
    if (left == 0) return args.control->fail("the loop exceeds its budget of iterations", Cause::resource_limit);
    if (!args.control->call(1, args.outputs, next) || !copy_to_outputs(args, next)) return;
  }
}

constexpr std::array kernels{kernel(DType::unknown, run, prepare_bodies)};

}  // namespace

extern constexpr OpDef while_loop{
    .name = "while_loop",
    .help = "Runs its second graph on the loop variables for as long as its first gives true. Shapes of variables may change.",
    .inputs = "variables*",
    .outputs = "variables*",
    .infer = infer,
    .reference = kernels,
    .bodies = 2,
    .stateful = true,
};

}  // namespace qgraph::ops
