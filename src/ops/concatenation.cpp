// concatenation: joins tensors along an axis. Quantized inputs whose parameters are not the output's are requantized in float,
// as TensorFlow Lite's reference does for uint8 (ConcatenationWithScaling); it refuses the same of int8, where we do likewise.
#include <algorithm>
#include <array>
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/requantize.hpp"
#include "ops/support/activation.hpp"
#include "ops/support/movement.hpp"
#include "ops/support/string_tensor.hpp"

namespace qgraph::ops {
namespace {

struct Concatenation {
  std::int64_t axis = 0;
  Activation activation = Activation::none;
};
constexpr std::array attributes{
    attr<&Concatenation::axis>("axis", "negative: from the end"),
    attr<&Concatenation::activation>("activation", "only none"),
};

Result<Types> infer(const InferContext& c) {
  const Concatenation& a = c.attributes<Concatenation>();
  if (a.activation != Activation::none)
    return constraint("concatenation_c1", "a fused activation has no meaning here", Cause::invalid_attribute);
  if (c.input_count() == 0) return constraint("concatenation_c2", "there is nothing to join", Cause::dangling_reference);
  Shape out = Shape::unknown_rank();
  std::int64_t sum = 0;  // -1: not known
  for (std::size_t i = 0; i < c.input_count(); ++i) {
    if (!c.has(i))
      return constraint("concatenation_c2", "input " + std::to_string(i) + " is left out", Cause::dangling_reference);
    if (c.input(i).storage() != c.input(0).storage())
      return constraint("concatenation_c3",
                        "input " + std::to_string(i) + " is " + std::string(name(c.input(i).storage())) + ", input 0 is " +
                            std::string(name(c.input(0).storage())),
                        Cause::dtype_contradiction);
    Shape in = c.shape(i);
    if (!in.ranked()) {
      sum = Shape::dynamic;
      continue;
    }
    if (in.rank() == 0) in = Shape{1};  // scalars are joined to a vector
    const auto axis = normalize_axis(a.axis, in.rank());
    if (!axis)
      return constraint("concatenation_c4", "axis " + std::to_string(a.axis) + " is outside of rank " + std::to_string(in.rank()),
                        Cause::invalid_attribute);
    if (!out.ranked()) {
      out = in;
    } else {
      bool fits = out.rank() == in.rank();
      for (std::size_t d = 0; fits && d < in.rank(); ++d) {
        if (d == *axis) continue;
        if (out[d] == Shape::dynamic) out[d] = in[d];
        fits = in[d] == Shape::dynamic || in[d] == out[d];
      }
      if (!fits)
        return constraint("concatenation_c5", "input " + std::to_string(i) + " of shape " + c.shape(i).to_string() +
                                                  " does not fit beside " + c.shape(0).to_string() + " along axis " +
                                                  std::to_string(*axis));
    }
    if (sum >= 0) sum = in[*axis] < 0 ? Shape::dynamic : add_checked(sum, in[*axis]).value_or(Shape::dynamic);
  }
  if (out.ranked()) out[*normalize_axis(a.axis, out.rank())] = sum;
  return moved(c, "concatenation_c6", std::move(out));
}

template <class T>
void rescale(const T* in, T* out, std::int64_t count, const TensorType& from, const TensorType& to) noexcept {
  const float scale = from.scale() * (1.0F / to.scale());
  const float bias = static_cast<float>(-from.zero_point()) * scale;
  const auto zero_point = static_cast<std::int32_t>(to.zero_point());
  for (std::int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<std::int32_t>(std::round(static_cast<float>(in[i]) * scale + bias)) + zero_point;
    out[i] = static_cast<T>(std::clamp(value, lowest<T>(), highest<T>()));
  }
}

/// An input of bytes, `outer` runs of `count`, into every `row` elements from `to` on: by a table of what each byte becomes.
template <class T>
void rescale_bytes(const View& in, const View& out, std::int64_t outer, std::int64_t count, std::int64_t row,
                   std::int64_t to) noexcept {
  std::array<T, 256> stored, table;
  for (std::size_t i = 0; i < stored.size(); ++i) stored[i] = static_cast<T>(i);
  rescale(stored.data(), table.data(), 256, *in.type, *out.type);
  const T* from = in.as<const T>();
  for (std::int64_t k = 0; k < outer; ++k)
    for (std::int64_t i = 0; i < count; ++i)
      out.as<T>()[k * row + to + i] = table[static_cast<std::uint8_t>(from[k * count + i])];
}

bool same_parameters(const TensorType& a, const TensorType& b) noexcept {
  return !a.quantized() || !b.quantized() || b.scale() == 0.0F || (a.scale() == b.scale() && a.zero_point() == b.zero_point());
}

/// Strings: one after the other in the order of the output.
void run_strings(const KernelArgs& args) noexcept {
  const View& out = args.outputs[0];
  const std::size_t axis = *normalize_axis(args.attributes<Concatenation>().axis, out.rank());
  const std::int64_t outer = product(out.shape(), 0, axis), inner = product(out.shape(), axis + 1, out.rank());
  std::vector<std::string_view> all;
  all.reserve(static_cast<std::size_t>(out.elements()));
  for (std::int64_t k = 0; k < outer; ++k)
    for (const View& in : args.inputs) {
      const auto strings = StringTensor::read({in.data, in.bytes});
      if (!strings || strings->size() != in.elements())
        return args.control->fail("concatenation: an input holds no packed strings");
      const std::int64_t count = in.rank() == 0 ? 1 : in.dim(axis) * inner;
      for (std::int64_t i = 0; i < count; ++i) all.push_back((*strings)[k * count + i]);
    }
  const auto bytes = packed_bytes(all);
  std::byte* to = bytes ? args.control->resize(0, *out.type, *bytes) : nullptr;
  if (to)
    pack_strings(all, to);
  else if (!bytes)
    args.control->fail("concatenation: the strings are too long", Cause::resource_limit);
}

void run(const KernelArgs& args) noexcept {
  if (args.outputs[0].type->storage() == DType::string) return run_strings(args);
  const View& out = args.outputs[0];
  const std::size_t axis = *normalize_axis(args.attributes<Concatenation>().axis, out.rank());
  const std::int64_t outer = product(out.shape(), 0, axis), inner = product(out.shape(), axis + 1, out.rank());
  const std::int64_t row = out.dim(axis) * inner;
  const int bits = element_bits(out);
  clear_tail(out);
  std::int64_t at = 0;
  for (const View& in : args.inputs) {
    const std::int64_t count = in.rank() == 0 ? 1 : in.dim(axis) * inner;
    if (same_parameters(*in.type, *out.type)) {
      for (std::int64_t k = 0; k < outer; ++k) copy_run(in.data, k * count, out.data, k * row + at, count, bits);
    } else {
      switch (out.type->storage()) {
        case DType::uint8: rescale_bytes<std::uint8_t>(in, out, outer, count, row, at); break;
        case DType::int8: rescale_bytes<std::int8_t>(in, out, outer, count, row, at); break;
        case DType::int16:
          for (std::int64_t k = 0; k < outer; ++k)
            rescale(in.as<const std::int16_t>() + k * count, out.as<std::int16_t>() + k * row + at, count, *in.type, *out.type);
          break;
        default: return args.control->fail("concatenation: inputs of this dtype must have the output's scale and zero point");
      }
    }
    at += count;
  }
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef concatenation{
    .name = "concatenation",
    .help = "Joins tensors along an axis. Quantized inputs are rescaled to the output's parameters where they differ.",
    .inputs = "inputs*",
    .attributes = attribute_table<Concatenation>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
