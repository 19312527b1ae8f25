// scan: ONNX's Scan: a body that takes states and one slice of each scan input, and makes the next states and one slice of each
// scan output.
#include <algorithm>
#include <cstring>
#include <vector>

#include "ops/support/bodies.hpp"
#include "ops/support/collect.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

struct Scan {
  std::int64_t num_scan_inputs = 0, captures = 0;
  std::vector<std::int64_t> scan_input_axes{}, scan_output_axes{}, scan_input_directions{}, scan_output_directions{};
};
constexpr std::array attributes{
    attr<&Scan::num_scan_inputs>("num_scan_inputs", "how many operands are cut into slices; those before them are states"),
    attr<&Scan::captures>("captures", "how many of the last operands go to every iteration unchanged"),
    attr<&Scan::scan_input_axes>("scan_input_axes", "along which axis; none: the first"),
    attr<&Scan::scan_output_axes>("scan_output_axes", "along which axis slices are collected; none: the first"),
    attr<&Scan::scan_input_directions>("scan_input_directions", "1: from the last slice to the first"),
    attr<&Scan::scan_output_directions>("scan_output_directions", "1: each slice before those that were there"),
};

std::int64_t entry(const std::vector<std::int64_t>& list, std::size_t i) noexcept { return i < list.size() ? list[i] : 0; }

/// Number of states; nothing where the operands are too few.
std::optional<std::size_t> states_of(const Scan& a, std::size_t operands) noexcept {
  if (a.num_scan_inputs < 1 || a.captures < 0) return std::nullopt;
  const auto fixed = static_cast<std::size_t>(a.num_scan_inputs) + static_cast<std::size_t>(a.captures);
  return fixed <= operands ? std::optional(operands - fixed) : std::nullopt;
}

Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<Scan>();
  const auto states = states_of(a, c.input_count());
  if (!states) return constraint("scan_c1", "the operands are fewer than num_scan_inputs says", Cause::invalid_attribute);
  std::int64_t length = Shape::dynamic;
  for (std::size_t i = 0; i < static_cast<std::size_t>(a.num_scan_inputs); ++i) {
    const Shape& in = c.shape(*states + i);
    if (!in.ranked()) continue;
    const auto axis = normalize_axis(entry(a.scan_input_axes, i), in.rank());
    if (!axis) return constraint("scan_c2", "a scan axis is outside of " + in.to_string(), Cause::invalid_attribute);
    if (length >= 0 && in[*axis] >= 0 && in[*axis] != length)
      return constraint("scan_c3",
                        "scan inputs have " + std::to_string(length) + " and " + std::to_string(in[*axis]) + " slices");
    if (in[*axis] >= 0) length = in[*axis];
  }
  const Types* body = body_types(c, 0);
  if (!body) return Types(c.declared_outputs.begin(), c.declared_outputs.end());
  if (body->size() < *states) return constraint("scan_c4", "the body makes fewer outputs than there are states");
  Types types;
  for (std::size_t i = 0; i < body->size(); ++i) {
    const TensorType& made = (*body)[i];
    if (i < *states) {
      const bool known = c.input(i).storage() != DType::unknown;
      types.push_back(c.output(i, known ? c.input(i).element : made.element, common_shape(c.shape(i), made.shape)));
      continue;
    }
    const std::int64_t along = entry(a.scan_output_axes, i - *states);
    Shape shape = collected_shape(made.shape, along);
    if (shape.ranked()) shape[*normalize_axis(along, shape.rank())] = length;
    types.push_back(c.output(i, made.element, std::move(shape)));
  }
  return types;
}

Types body_inputs(const void* attribute_struct, std::span<const TensorType* const> operands) {
  const auto& a = *static_cast<const Scan*>(attribute_struct);
  const std::size_t states = states_of(a, operands.size()).value_or(0);
  Types types;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    types.push_back(operands[i] ? *operands[i] : TensorType{});
    Shape& shape = types.back().shape;
    if (i < states || i - states >= static_cast<std::size_t>(a.num_scan_inputs) || !shape.ranked()) continue;
    if (const auto axis = normalize_axis(entry(a.scan_input_axes, i - states), shape.rank()))
      shape.mutable_dims().erase(shape.mutable_dims().begin() + static_cast<std::ptrdiff_t>(*axis));
  }
  return types;
}

/// Slice k along an axis, copied out.
void cut(const View& in, std::size_t axis, std::int64_t k, Held& to) {
  to.type = *in.type;
  auto& dims = to.type.shape.mutable_dims();
  dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
  const auto outer = static_cast<std::size_t>(product(in.shape(), 0, axis)), size = static_cast<std::size_t>(in.dim(axis));
  const std::size_t inner = in.bytes / std::max<std::size_t>(outer * size, 1);
  to.bytes.resize(outer * inner);
  for (std::size_t o = 0; o < outer && inner > 0; ++o)
    std::memcpy(to.bytes.data() + o * inner, in.data + (o * size + static_cast<std::size_t>(k)) * inner, inner);
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<Scan>();
  const auto states = *states_of(a, args.inputs.size()), scanned = static_cast<std::size_t>(a.num_scan_inputs);
  const auto captures = static_cast<std::size_t>(a.captures);
  if (args.outputs.size() < states) return args.control->fail("the scan has fewer outputs than states");
  const std::size_t scans = args.outputs.size() - states;
  std::vector<std::size_t> axes;
  std::int64_t length = 0;
  for (std::size_t i = 0; i < scanned; ++i) {
    const View& in = args.inputs[states + i];
    const auto axis = normalize_axis(entry(a.scan_input_axes, i), in.rank());
    if (!axis || bits(in.type->storage()) < 8) return args.control->fail("a scan input cannot be cut along its axis");
    if (i > 0 && in.dim(*axis) != length) return args.control->fail("scan inputs are not of one length", Cause::shape_mismatch);
    length = in.dim(*axis);
    axes.push_back(*axis);
  }
  std::vector<Held> values(states), slices(scanned);
  for (std::size_t i = 0; i < states; ++i) values[i].take(args.inputs[i]);
  std::vector<Collected> collected(scans);
  std::vector<View> inputs(args.inputs.begin(), args.inputs.end()), results(states + scans);
  for (std::int64_t k = 0; k < length; ++k) {
    for (std::size_t i = 0; i < states; ++i) inputs[i] = values[i].view();
    for (std::size_t i = 0; i < scanned; ++i) {
      cut(args.inputs[states + i], axes[i], entry(a.scan_input_directions, i) == 1 ? length - 1 - k : k, slices[i]);
      inputs[states + i] = slices[i].view();
    }
    for (std::size_t i = 0; i < captures; ++i) inputs[states + scanned + i] = args.inputs[states + scanned + i];
    if (!args.control->call(0, inputs, results)) return;
    for (std::size_t i = 0; i < states; ++i) values[i].take(results[i]);
    for (std::size_t i = 0; i < scans; ++i)
      if (!collected[i].add(args, results[states + i])) return;
  }
  for (std::size_t i = 0; i < states; ++i)
    if (args.outputs[i] && !values[i].give(args, i)) return;
  for (std::size_t i = 0; i < scans; ++i)
    if (args.outputs[states + i] &&
        !collected[i].give(args, states + i, entry(a.scan_output_axes, i), entry(a.scan_output_directions, i) == 1))
      return;
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef scan{
    .name = "onnx.scan",
    .help =
        "Runs its graph once for each slice of the scan inputs; states go from one iteration to the next, scan outputs are "
        "collected along a new dimension.",
    .inputs = "values*",
    .outputs = "values*",
    .attributes = attribute_table<Scan>(attributes),
    .infer = infer,
    .reference = kernels,
    .bodies = 1,
    .body_inputs = &body_inputs,
    .stateful = true,
};

}  // namespace qgraph::ops::onnx
