// segment_sum: sums runs of slices that bear the same number. TensorFlow Lite's SEGMENT_SUM: numbers begin at
// 0 and rise by at most 1.
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"
#include "ops/support/wrapping.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const Shape &in = c.shape(0), &ids = c.shape(1);
  if (!in.ranked()) return moved(c, "segment_sum_c1", in, false);
  if (in.rank() == 0 || (ids.ranked() && (ids.rank() != 1 || (ids[0] >= 0 && in[0] >= 0 && ids[0] != in[0]))))
    return constraint("segment_sum_c2", "segment ids " + ids.to_string() + " are not one for each slice of " + in.to_string());
  Shape out = in;
  out[0] = Shape::dynamic;
  if (const auto values = c.integers(1)) {
    std::int64_t previous = -1;
    for (std::int64_t id : *values) {
      if (id < 0 || id > previous + 1 || id < previous)
        return constraint("segment_sum_c3", "segment ids do not rise from 0 by at most 1", Cause::data_out_of_range);
      previous = id;
    }
    out[0] = previous + 1;
  }
  return moved(c, "segment_sum_c1", std::move(out), false);
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const std::int64_t inner = product(in.shape(), 1, in.rank());
  if (out.bytes > 0) std::memset(out.data, 0, out.bytes);
  for (std::int64_t i = 0; i < in.dim(0); ++i) {
    const std::int64_t id = integer_at(args.inputs[1], i);
    if (id < 0 || id >= out.dim(0)) return fail_index(args, "segment_sum", id, out.dim(0));
    for (std::int64_t j = 0; j < inner; ++j) {
      T& sum = out.as<T>()[id * inner + j];
      sum = wrapping_add(sum, in.as<const T>()[i * inner + j]);
    }
  }
}

constexpr std::array kernels{kernel(DType::float32, run<float>), kernel(DType::int32, run<std::int32_t>),
                             kernel(DType::int64, run<std::int64_t>)};
}  // namespace

extern constexpr OpDef segment_sum{
    .name = "segment_sum",
    .help = "Output slice s is the sum of the input's slices whose segment id is s.",
    .inputs = "input segment_ids",
    .exactness = Exactness::float_order,
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops
