// pad: ONNX's Pad: first all that goes before, then all behind, for some axes; negative pads crop. Where the pads are constants
// that the canonical pad knows, that serves.
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/coordinates.hpp"

namespace qgraph::ops::onnx {
namespace {

enum class Mode : std::uint8_t { constant, reflect, edge, wrap };
constexpr std::string_view mode_words[] = {"constant", "reflect", "edge", "wrap"};
constexpr std::span<const std::string_view> enum_words(Mode) { return mode_words; }

struct Pad {
  Mode mode = Mode::constant;
};
constexpr std::array attributes{
    attr<&Pad::mode>("mode", "what is put around: a value, the mirrored input, its border, or its other end")};

struct Pads {
  std::array<std::int64_t, max_rank> before{}, after{};
  bool valid = false;
};
Pads spread(std::size_t rank, std::span<const std::int64_t> pads, std::span<const std::int64_t> axes, bool given) noexcept {
  Pads p;
  const std::size_t n = given ? axes.size() : rank;
  if (rank > max_rank || n > rank || pads.size() != 2 * n) return p;
  for (std::size_t i = 0; i < n; ++i) {
    const auto axis = normalize_axis(given ? axes[i] : static_cast<std::int64_t>(i), rank);
    if (!axis || pads[i] > 0x7FFF'FFFF || pads[n + i] > 0x7FFF'FFFF || pads[i] < -0x7FFF'FFFF || pads[n + i] < -0x7FFF'FFFF)
      return p;
    p.before[*axis] = pads[i];
    p.after[*axis] = pads[n + i];
  }
  p.valid = true;
  return p;
}

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  if (c.has(2) && c.input(2).storage() != c.input(0).storage() && c.input(0).storage() != DType::unknown &&
      c.input(2).storage() != DType::unknown)
    return constraint(
        "pad_c1",
        "the value is " + std::string(name(c.input(2).storage())) + ", the input " + std::string(name(c.input(0).storage())),
        Cause::dtype_contradiction);
  if (!in.ranked()) return moved(c, "pad_c2", Shape::unknown_rank(), false);
  const auto pads = c.integers(1), axes = c.integers(3);
  if (!pads || (c.has(3) && !axes)) return moved(c, "pad_c2", open_shape(in.rank()), false);
  const Pads p =
      spread(in.rank(), *pads, axes ? std::span<const std::int64_t>(*axes) : std::span<const std::int64_t>(), c.has(3));
  if (!p.valid) return constraint("pad_c3", "the pads do not fit " + in.to_string() + " and the axes", Cause::invalid_attribute);
  Shape out = in;
  for (std::size_t d = 0; d < in.rank(); ++d) {
    if (in[d] < 0) continue;
    out[d] = in[d] + p.before[d] + p.after[d];
    if (out[d] < 0 || (in[d] == 0 && out[d] > 0 && c.attributes<Pad>().mode != Mode::constant))
      return constraint("pad_c4",
                        "pads of " + std::to_string(p.before[d]) + " and " + std::to_string(p.after[d]) +
                            " do not fit a dimension of " + std::to_string(in[d]),
                        Cause::invalid_attribute);
  }
  return moved(c, "pad_c2", std::move(out), false);
}

/// Which element of a dimension stands at place i, counted from its first; -1: the value.
std::int64_t source(Mode mode, std::int64_t i, std::int64_t size) noexcept {
  if (i >= 0 && i < size) return i;
  switch (mode) {
    case Mode::constant: return -1;
    case Mode::edge: return i < 0 ? 0 : size - 1;
    case Mode::wrap: return ((i % size) + size) % size;
    default: {
      if (size == 1) return 0;
      const std::int64_t period = 2 * (size - 1), at = ((i % period) + period) % period;
      return at < size ? at : period - at;
    }
  }
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const Integers pads = read_integers(args.inputs[1]), axes = args.has(3) ? read_integers(args.inputs[3]) : Integers{};
  const Pads p = spread(in.rank(), pads.span(), axes.span(), args.has(3));
  if (!p.valid) return args.control->fail("pad: the pads do not fit the input");
  for (std::size_t d = 0; d < in.rank(); ++d)
    if (in.dim(d) + p.before[d] + p.after[d] != out.dim(d)) return args.control->fail("pad: the pads do not fit the shapes");
  const int bits = element_bits(in);
  clear_tail(out);
  const Mode mode = args.attributes<Pad>().mode;
  const auto strides = dense_strides(in.shape());
  const std::byte zero[16] = {};
  const std::byte* value = args.has(2) && args.inputs[2].bytes > 0 ? args.inputs[2].data : zero;
  each_coordinate(out.shape(), [&](std::int64_t i, const Coordinates& at) {
    std::int64_t position = 0;
    for (std::size_t d = 0; d < in.rank() && position >= 0; ++d) {
      const std::int64_t from = source(mode, at[d] - p.before[d], in.dim(d));
      position = from < 0 ? -1 : position + from * strides[d];
    }
    if (position < 0)
      copy_run(value, 0, out.data, i, 1, bits);
    else
      copy_run(in.data, position, out.data, i, 1, bits);
    return true;
  });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef pad{
    .name = "onnx.pad",
    .help = "Puts elements before and behind the named axes, or takes them away where a pad is negative.",
    .inputs = "input pads value? axes?",
    .attributes = attribute_table<Pad>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
