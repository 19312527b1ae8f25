// strided_slice: indexing as in NumPy, with TensorFlow's masks. TensorFlow Lite's STRIDED_SLICE; ONNX's Slice lowers to it.
#include <algorithm>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct StridedSlice {
  std::int64_t begin_mask = 0, end_mask = 0, ellipsis_mask = 0, new_axis_mask = 0, shrink_axis_mask = 0;
  bool offset = false;
};
constexpr std::array attributes{
    attr<&StridedSlice::begin_mask>("begin_mask", "bit i: begin[i] is the edge"),
    attr<&StridedSlice::end_mask>("end_mask", "bit i: end[i] is the edge"),
    attr<&StridedSlice::ellipsis_mask>("ellipsis_mask", "bit i: place i stands for all dimensions that nothing else names"),
    attr<&StridedSlice::new_axis_mask>("new_axis_mask", "bit i: place i inserts a dimension of 1"),
    attr<&StridedSlice::shrink_axis_mask>("shrink_axis_mask",
                                          "bit i: place i takes the element at begin[i] and drops the dimension"),
    attr<&StridedSlice::offset>("offset", "end counts from begin"),
};

/// What happens to one dimension. extent -1: not known yet.
struct Step {
  std::int64_t begin = 0, stride = 1, extent = 1;
  std::int64_t axis = -1;
  bool shrink = false;
};
struct Plan {
  std::array<Step, 2 * max_rank> steps{};
  std::size_t count = 0;
  const char* problem = nullptr;
};

/// begin, end, strides: empty while unknown; `places` is their number. dims: -1 where unknown.
Plan plan(const StridedSlice& a, const Shape& in, std::size_t places, std::span<const std::int64_t> begin,
          std::span<const std::int64_t> end, std::span<const std::int64_t> strides) noexcept {
  Plan p;
  const auto bit = [](std::int64_t mask, std::size_t i) { return i < 32 && ((mask >> i) & 1) != 0; };
  std::size_t named = 0;  // dimensions of the input that a place names
  for (std::size_t i = 0; i < places; ++i)
    if (!bit(a.ellipsis_mask, i) && !bit(a.new_axis_mask, i)) ++named;
  if (places > max_rank || in.rank() > max_rank || named > in.rank()) {
    p.problem = "more places than dimensions";
    return p;
  }
  std::size_t axis = 0;
  bool ellipsis = false;
  const auto whole = [&] {
    p.steps[p.count++] = {.extent = in[axis], .axis = static_cast<std::int64_t>(axis)};
    ++axis;
  };
  for (std::size_t i = 0; i < places; ++i) {
    if (bit(a.ellipsis_mask, i)) {
      if (ellipsis) p.problem = "more than one ellipsis";
      if (ellipsis) return p;
      ellipsis = true;
      for (std::size_t n = in.rank() - named; n > 0; --n) whole();
      continue;
    }
    if (bit(a.new_axis_mask, i)) {
      p.steps[p.count++] = {};
      continue;
    }
    Step s{.extent = Shape::dynamic, .axis = static_cast<std::int64_t>(axis), .shrink = bit(a.shrink_axis_mask, i)};
    const std::int64_t size = in[axis++];
    if (!strides.empty()) s.stride = strides[i];
    if (s.stride == 0) p.problem = "a stride is 0";
    if (s.stride == 0) return p;
    if (s.shrink) s.extent = 1;
    const std::int64_t low = s.stride > 0 ? 0 : -1, high = s.stride > 0 ? size : size - 1;
    const bool first = bit(a.begin_mask, i), last = bit(a.end_mask, i);
    if (size >= 0 && !strides.empty()) {
      if (first)
        s.begin = s.stride > 0 ? 0 : size - 1;
      else if (!begin.empty())
        s.begin = begin[i] < 0 ? begin[i] + size : begin[i];
      if (!s.shrink) s.begin = std::clamp(s.begin, low, std::max(low, high));
    }
    if (!s.shrink && !strides.empty() && a.offset && !end.empty()) {
      const std::int64_t span = end[i];
      s.extent = (span < 0) != (s.stride < 0) || span == 0 ? 0 : (span + (s.stride > 0 ? -1 : 1)) / s.stride + 1;
    } else if (!s.shrink && size >= 0 && !strides.empty() && (first || !begin.empty()) && (last || !end.empty())) {
      std::int64_t stop =
          last ? (s.stride > 0 ? size : -1) : std::clamp(end[i] < 0 ? end[i] + size : end[i], low, std::max(low, high));
      const std::int64_t span = stop - s.begin;
      s.extent = span == 0 || (span < 0) != (s.stride < 0) ? 0 : (span + (s.stride > 0 ? -1 : 1)) / s.stride + 1;
    }
    p.steps[p.count++] = s;
  }
  while (axis < in.rank()) whole();
  return p;
}

Result<Types> infer(const InferContext& c) {
  const auto places = vector_length(c, 1);
  if (!c.shape(0).ranked() || !places) return moved(c, "strided_slice_c1", Shape::unknown_rank());
  for (std::size_t i : {2U, 3U})
    if (c.has(i))
      if (const auto n = vector_length(c, i); n && *n != *places)
        return constraint("strided_slice_c2",
                          "begin, end and strides have " + std::to_string(*places) + " and " + std::to_string(*n) + " places");
  const auto begin = c.integers(1), end = c.integers(2), strides = c.integers(3);
  const auto values = [](const auto& v) { return v ? std::span<const std::int64_t>(*v) : std::span<const std::int64_t>(); };
  for (const auto& list : {values(begin), values(end), values(strides)})
    for (std::int64_t v : list)
      if (v > 0x7FFF'FFFF || v < -0x7FFF'FFFF - 1)
        return constraint("strided_slice_c2", "a place is beyond 32 bits", Cause::invalid_attribute);
  const Plan p = plan(c.attributes<StridedSlice>(), c.shape(0), *places, values(begin), values(end), values(strides));
  if (p.problem) return constraint("strided_slice_c3", p.problem, Cause::invalid_attribute);
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < p.count; ++i)
    if (!p.steps[i].shrink) out.push_back(p.steps[i].extent);
  return moved(c, "strided_slice_c1", Shape(std::move(out)));
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const Integers begin = read_integers(args.inputs[1]), end = read_integers(args.inputs[2]),
                 strides = read_integers(args.inputs[3]);
  if (begin.count != end.count || begin.count != strides.count)
    return args.control->fail("strided_slice: begin, end and strides differ in length");
  const Plan p = plan(args.attributes<StridedSlice>(), in.shape(), begin.count, begin.span(), end.span(), strides.span());
  if (p.problem) return args.control->fail(p.problem);
  const auto in_strides = dense_strides(in.shape()), out_strides = dense_strides(out.shape());
  StridedCopy copy;
  std::size_t dim = 0;
  const bool nothing = out.elements() == 0;
  for (std::size_t i = 0; i < p.count; ++i) {
    const Step& s = p.steps[i];
    if (!s.shrink && (dim >= out.rank() || out.dim(dim) != s.extent))
      return args.control->fail("strided_slice: the output has another shape");
    if (s.axis >= 0 && !nothing) {
      const auto axis = static_cast<std::size_t>(s.axis);
      const std::int64_t last = s.begin + (s.extent - 1) * s.stride;
      for (std::int64_t at : {s.begin, last})
        if (at < 0 || at >= in.dim(axis)) return fail_index(args, "strided_slice", at, in.dim(axis));
      copy.in_offset += s.begin * in_strides[axis];
      copy.add(s.extent, s.stride * in_strides[axis], s.shrink ? 0 : out_strides[dim]);
    }
    if (!s.shrink) ++dim;
  }
  if (nothing) copy.add(0, 0, 0);
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) { copy.run(from, to, bits); });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef strided_slice{
    .name = "strided_slice",
    .help =
        "Elements begin, begin + stride, ... before end of each dimension, with TensorFlow's masks for open ends, ellipsis, "
        "new and dropped dimensions.",
    .inputs = "input begin end strides",
    .attributes = attribute_table<StridedSlice>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
