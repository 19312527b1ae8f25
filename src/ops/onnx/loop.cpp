// loop: ONNX's Loop. Its body takes the iteration's number, the condition, the carried values and what it captures; it makes the
// next condition, the next carried values, and one slice of each scan output.
#include <algorithm>
#include <cstring>
#include <vector>

#include "ops/support/bodies.hpp"
#include "ops/support/collect.hpp"

namespace qgraph::ops::onnx {
namespace {

struct Loop {
  std::int64_t captures = 0;
};
constexpr std::array attributes{
    attr<&Loop::captures>("captures", "how many of the last operands go to every iteration unchanged")};

Result<Types> infer(const InferContext& c) {
  const std::int64_t captures = c.attributes<Loop>().captures;
  if (captures < 0 || captures + 2 > static_cast<std::int64_t>(c.input_count()))
    return constraint("loop_c1", "fewer operands than are captured", Cause::invalid_attribute);
  const std::size_t carried = c.input_count() - 2 - static_cast<std::size_t>(captures);
  const Types* body = body_types(c, 0);
  if (!body) return Types(c.declared_outputs.begin(), c.declared_outputs.end());
  if (body->size() < carried + 1)
    return constraint("loop_c2", "the loop carries " + std::to_string(carried) + " values, its body makes " +
                                     std::to_string(body->size()) + " outputs");
  // What the first iteration makes holds for the others where the carried values keep their shapes.
  bool steady = true;
  for (std::size_t i = 0; i < carried; ++i) steady = steady && c.has(i + 2) && c.shape(i + 2) == (*body)[i + 1].shape;
  Types types;
  for (std::size_t i = 0; i + 1 < body->size(); ++i) {
    const TensorType& made = (*body)[i + 1];
    if (i >= carried) {
      types.push_back(c.output(i, made.element, steady ? collected_shape(made.shape, 0) : Shape::unknown_rank()));
      continue;
    }
    if (!c.has(i + 2)) return constraint("loop_c3", "a carried value is left out", Cause::dangling_reference);
    const bool known = c.input(i + 2).storage() != DType::unknown;
    if (known && made.storage() != DType::unknown && made.storage() != c.input(i + 2).storage())
      return constraint("loop_c4",
                        "carried value " + std::to_string(i) + " begins as " + std::string(name(c.input(i + 2).storage())) +
                            ", the body makes " + std::string(name(made.storage())),
                        Cause::dtype_contradiction);
    types.push_back(c.output(i, known ? c.input(i + 2).element : made.element, common_shape(c.shape(i + 2), made.shape)));
  }
  return types;
}

Types body_inputs(const void*, std::span<const TensorType* const> operands) {
  Types types{TensorType(DType::int64, Shape{}), TensorType(DType::boolean, Shape{})};
  for (const TensorType* operand : operands.subspan(std::min<std::size_t>(operands.size(), 2)))
    types.push_back(operand ? *operand : TensorType{});
  return types;
}

void run(const KernelArgs& args) noexcept {
  const auto captures = static_cast<std::size_t>(args.attributes<Loop>().captures);
  const std::size_t carried = args.inputs.size() - 2 - captures;
  if (args.outputs.size() < carried) return args.control->fail("the loop has fewer outputs than it carries values");
  const std::size_t scans = args.outputs.size() - carried;
  std::int64_t trips = std::numeric_limits<std::int64_t>::max();
  if (args.has(0)) {
    if (args.inputs[0].bytes < sizeof trips) return args.control->fail("the number of trips is empty", Cause::shape_mismatch);
    std::memcpy(&trips, args.inputs[0].data, sizeof trips);
  }
  std::uint8_t go_on = args.has(1) && args.inputs[1].bytes > 0 ? *args.in<std::uint8_t>(1) : std::uint8_t{1};
  std::vector<Held> values(carried);
  for (std::size_t i = 0; i < carried; ++i) values[i].take(args.inputs[2 + i]);
  std::vector<Collected> collected(scans);
  std::int64_t iteration = 0;
  const TensorType number(DType::int64, Shape{}), condition(DType::boolean, Shape{});
  std::vector<View> inputs(2 + carried + captures), results(1 + carried + scans);
  inputs[0] = {reinterpret_cast<std::byte*>(&iteration), &number, sizeof iteration};
  inputs[1] = {reinterpret_cast<std::byte*>(&go_on), &condition, sizeof go_on};
  for (std::size_t i = 0; i < captures; ++i) inputs[2 + carried + i] = args.inputs[2 + carried + i];
  const std::uint64_t budget = args.control->loop_budget();
  for (; iteration < trips && go_on != 0; ++iteration) {
    if (static_cast<std::uint64_t>(iteration) >= budget)
      return args.control->fail("the loop exceeds its budget of iterations", Cause::resource_limit);
    for (std::size_t i = 0; i < carried; ++i) inputs[2 + i] = values[i].view();
    if (!args.control->call(0, inputs, results)) return;
    if (results[0].bytes < 1) return args.control->fail("the condition of the loop is empty", Cause::shape_mismatch);
    go_on = *results[0].as<std::uint8_t>();
    for (std::size_t i = 0; i < carried; ++i) values[i].take(results[1 + i]);
    for (std::size_t i = 0; i < scans; ++i)
      if (!collected[i].add(args, results[1 + carried + i])) return;
  }
  for (std::size_t i = 0; i < carried; ++i)
    if (args.outputs[i] && !values[i].give(args, i)) return;
  for (std::size_t i = 0; i < scans; ++i)
    if (args.outputs[carried + i] && !collected[i].give(args, carried + i, 0, false)) return;
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef loop{
    .name = "onnx.loop",
    .help =
        "Runs its graph a number of times, or for as long as it says so. Carried values go from one iteration to the next; scan "
        "outputs are collected along a new first dimension.",
    .inputs = "trips? condition? values*",
    .outputs = "values*",
    .attributes = attribute_table<Loop>(attributes),
    .infer = infer,
    .reference = kernels,
    .bodies = 1,
    .body_inputs = &body_inputs,
    .stateful = true,
};

}  // namespace qgraph::ops::onnx
