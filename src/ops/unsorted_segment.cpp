// unsorted_segment: reduces slices that bear the same number, in any order; negative numbers are left out. TensorFlow Lite's
// UNSORTED_SEGMENT_SUM, _PROD, _MAX and _MIN. A segment without slices has the reduction's neutral element.
#include <algorithm>
#include <limits>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"
#include "ops/support/wrapping.hpp"

namespace qgraph::ops {
namespace {

enum class SegmentReduction : std::uint8_t { sum, prod, max, min };
constexpr std::string_view reduction_words[] = {"sum", "prod", "max", "min"};
constexpr std::span<const std::string_view> enum_words(SegmentReduction) { return reduction_words; }

struct UnsortedSegment {
  SegmentReduction reduction = SegmentReduction::sum;
};
constexpr std::array attributes{attr<&UnsortedSegment::reduction>("reduction", "how slices of one segment are combined")};

Result<Types> infer(const InferContext& c) {
  const Shape &in = c.shape(0), &ids = c.shape(1);
  const auto segments = c.integers(2);
  if (segments && (segments->size() != 1 || !sensible_dim((*segments)[0])))
    return constraint("unsorted_segment_c1", "the number of segments is none", Cause::data_out_of_range);
  if (!in.ranked() || !ids.ranked()) return moved(c, "unsorted_segment_c2", Shape::unknown_rank(), false);
  bool prefix = ids.rank() <= in.rank();
  for (std::size_t i = 0; prefix && i < ids.rank(); ++i) prefix = ids[i] < 0 || in[i] < 0 || ids[i] == in[i];
  if (!prefix)
    return constraint("unsorted_segment_c3",
                      "segment ids " + ids.to_string() + " are not one for each slice of " + in.to_string());
  std::vector<std::int64_t> out{segments ? (*segments)[0] : Shape::dynamic};
  for (std::size_t i = ids.rank(); i < in.rank(); ++i) out.push_back(in[i]);
  return moved(c, "unsorted_segment_c2", Shape(std::move(out)), false);
}

template <class T>
T neutral(SegmentReduction r) noexcept {
  switch (r) {
    case SegmentReduction::prod: return T{1};
    case SegmentReduction::max: return std::numeric_limits<T>::lowest();
    case SegmentReduction::min: return std::numeric_limits<T>::max();
    default: return T{0};
  }
}

template <class T>
T combine(SegmentReduction r, T a, T b) noexcept {
  switch (r) {
    case SegmentReduction::prod: return wrapping_multiply(a, b);
    case SegmentReduction::max: return std::max(a, b);
    case SegmentReduction::min: return std::min(a, b);
    default: return wrapping_add(a, b);
  }
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &ids = args.inputs[1], &out = args.outputs[0];
  const SegmentReduction reduction = args.attributes<UnsortedSegment>().reduction;
  const std::int64_t inner = product(in.shape(), ids.rank(), in.rank());
  std::fill_n(out.as<T>(), out.elements(), neutral<T>(reduction));
  for (std::int64_t i = 0; i < ids.elements(); ++i) {
    const std::int64_t id = integer_at(ids, i);
    if (id >= out.dim(0)) return fail_index(args, "unsorted_segment", id, out.dim(0));
    for (std::int64_t j = 0; id >= 0 && j < inner; ++j) {
      T& result = out.as<T>()[id * inner + j];
      result = combine(reduction, result, in.as<const T>()[i * inner + j]);
    }
  }
}

constexpr std::array kernels{kernel(DType::float32, run<float>), kernel(DType::int32, run<std::int32_t>),
                             kernel(DType::int64, run<std::int64_t>)};
}  // namespace

extern constexpr OpDef unsorted_segment{
    .name = "unsorted_segment",
    .help = "Output slice s combines the input's slices whose segment id is s; negative ids are left out.",
    .inputs = "input segment_ids num_segments",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<UnsortedSegment>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops
