// trilu: ONNX's Trilu: the upper or lower triangle of matrices; zeros elsewhere.
#include <algorithm>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

struct Trilu {
  bool upper = true;
};
constexpr std::array attributes{attr<&Trilu::upper>("upper", "the upper triangle, else the lower one")};

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  if (in.ranked() && in.rank() < 2) return constraint("trilu_c1", "the input " + in.to_string() + " is no matrix");
  if (c.has(1))
    if (const auto n = c.shape(1).elements(); c.shape(1).is_static() && n != 1)
      return constraint("trilu_c2", "k is not one number");
  return moved(c, "trilu_c3", in, false);
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const std::int64_t rows = in.dim(in.rank() - 2), columns = in.dim(in.rank() - 1),
                     matrices = product(in.shape(), 0, in.rank() - 2);
  // Beyond the corners every diagonal is the same.
  const std::int64_t k = args.has(1) ? std::clamp(integer_at(args.inputs[1], 0), -rows - 1, columns + 1) : 0;
  const bool upper = args.attributes<Trilu>().upper;
  const int bits = element_bits(in);
  const std::byte zero[16] = {};
  clear_tail(out);
  fill_run(out.data, out.elements(), zero, bits);
  for (std::int64_t m = 0; m < matrices; ++m)
    for (std::int64_t r = 0; r < rows; ++r) {
      const std::int64_t edge = std::clamp<std::int64_t>(upper ? r + k : r + k + 1, 0, columns), first = (m * rows + r) * columns;
      const std::int64_t at = upper ? edge : 0, count = upper ? columns - edge : edge;
      copy_run(in.data, first + at, out.data, first + at, count, bits);
    }
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef trilu{
    .name = "onnx.trilu",
    .help = "The part of matrices on and above (or below) diagonal k; zeros elsewhere.",
    .inputs = "input k?",
    .attributes = attribute_table<Trilu>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
