// pad: puts elements around a tensor: a value, or its own mirrored or repeated. TensorFlow Lite's PAD, PADV2 and MIRROR_PAD,
// ONNX's Pad.
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

enum class PadMode : std::uint8_t { constant, reflect, symmetric, edge };
constexpr std::string_view pad_mode_words[] = {"constant", "reflect", "symmetric", "edge"};
constexpr std::span<const std::string_view> enum_words(PadMode) { return pad_mode_words; }

struct Pad {
  PadMode mode = PadMode::constant;
};
constexpr std::array attributes{attr<&Pad::mode>(
    "mode", "constant: the value; reflect: mirrored without, symmetric: with the border; edge: the border repeated")};

/// The most that may be put on one side of a dimension.
std::int64_t most(PadMode mode, std::int64_t size) noexcept {
  if (mode == PadMode::reflect) return std::max<std::int64_t>(size - 1, 0);
  if (mode == PadMode::symmetric) return size;
  return mode == PadMode::edge && size == 0 ? 0 : 0x7FFF'FFFF;
}

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  const auto paddings = c.integers(1);
  const auto length = vector_length(c, 1);
  if (c.has(2) && c.input(2).storage() != c.input(0).storage())
    return constraint(
        "pad_c1",
        "the value is " + std::string(name(c.input(2).storage())) + ", the input " + std::string(name(c.input(0).storage())),
        Cause::dtype_contradiction);
  if (!in.ranked()) return moved(c, "pad_c2", open_shape(length ? std::optional(*length / 2) : std::nullopt), false);
  if (length && *length != 2 * in.rank())  // pad_c3: before and after for each dimension
    return constraint("pad_c3", std::to_string(*length) + " paddings for " + std::to_string(in.rank()) + " dimensions");
  Shape out = in;
  for (std::size_t i = 0; i < in.rank(); ++i) {
    if (!paddings) {
      out[i] = Shape::dynamic;
      continue;
    }
    for (std::int64_t p : {(*paddings)[2 * i], (*paddings)[2 * i + 1]})
      if (!sensible_dim(p) || (in[i] >= 0 && p > most(c.attributes<Pad>().mode,
                                                      in[i])))  // pad_c4: within what there is to mirror
        return constraint(
            "pad_c4",
            "a padding of " + std::to_string(p) + " does not fit dimension " + std::to_string(i) + " of " + in.to_string(),
            Cause::invalid_attribute);
    if (in[i] >= 0) out[i] = add_checked(in[i], (*paddings)[2 * i] + (*paddings)[2 * i + 1]).value_or(-2);
    if (out[i] == -2) return constraint("pad_c4", "the padded dimension is too large", Cause::resource_limit);
  }
  return moved(c, "pad_c2", std::move(out), false);
}

/// Which element stands at place i of a padded dimension.
std::int64_t source(PadMode mode, std::int64_t i, std::int64_t size) noexcept {
  if (mode == PadMode::edge) return std::clamp<std::int64_t>(i, 0, size - 1);
  const std::int64_t border = mode == PadMode::reflect ? 0 : 1;
  if (i < 0) return -i - border;
  return i < size ? i : 2 * size - 2 - i + border;
}

struct Mirror {
  const std::byte* in;
  std::byte* out;
  int bits;
  const View *from, *to;
  PadMode mode;
  const std::int64_t* before;  ///< one for every second place

  void level(std::size_t axis, std::int64_t in_at, std::int64_t out_at) const noexcept {
    if (axis == to->rank()) return copy_run(in, in_at, out, out_at, 1, bits);
    const std::int64_t size = from->dim(axis), left = before[2 * axis];
    const bool last = axis + 1 == to->rank();
    if (last) copy_run(in, in_at * size, out, out_at * to->dim(axis) + left, size, bits);
    for (std::int64_t i = 0; i < to->dim(axis); ++i)
      if (!last || i < left || i >= left + size)
        level(axis + 1, in_at * size + source(mode, i - left, size), out_at * to->dim(axis) + i);
  }
};

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const PadMode mode = args.attributes<Pad>().mode;
  const Integers paddings = read_integers(args.inputs[1]);
  if (paddings.count != 2 * in.rank()) return args.control->fail("pad: paddings do not fit the input's rank");
  for (std::size_t i = 0; i < in.rank(); ++i)
    if (paddings[2 * i] < 0 || paddings[2 * i + 1] < 0 || paddings[2 * i] > most(mode, in.dim(i)) ||
        paddings[2 * i + 1] > most(mode, in.dim(i)) || paddings[2 * i] + in.dim(i) + paddings[2 * i + 1] != out.dim(i))
      return args.control->fail("pad: paddings do not fit the shapes");
  const int bits = element_bits(in);
  clear_tail(out);
  if (mode != PadMode::constant) {
    if (out.elements() > 0) Mirror{in.data, out.data, bits, &in, &out, mode, paddings.values.data()}.level(0, 0, 0);
    return;
  }
  // Without a value: zero, which for quantized elements is the output's zero point.
  std::byte value[16] = {};
  const std::int64_t zero_point = out.type->zero_point();
  std::memcpy(value, &zero_point, sizeof(zero_point));
  fill_run(out.data, out.elements(), args.has(2) ? args.inputs[2].data : value, bits);
  const auto in_strides = dense_strides(in.shape()), out_strides = dense_strides(out.shape());
  StridedCopy copy;
  for (std::size_t i = 0; i < in.rank(); ++i) {
    copy.out_offset += paddings[2 * i] * out_strides[i];
    copy.add(in.dim(i), in_strides[i], out_strides[i]);
  }
  copy.run(in.data, out.data, bits);
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef pad{
    .name = "pad",
    .help =
        "Adds elements before and after each dimension: a value (else zero, or the zero point), or the input's own at its "
        "border.",
    .inputs = "input paddings value?",
    .attributes = attribute_table<Pad>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
