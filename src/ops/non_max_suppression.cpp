// non_max_suppression: the best boxes that do not overlap. TensorFlow Lite's NON_MAX_SUPPRESSION_V4, and with sigma V5, where a
// score falls with its overlap ("soft") before it is dropped.
#include <algorithm>
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/support/boxes.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const Shape &boxes = c.shape(0), &scores = c.shape(1);
  const auto same = [](std::int64_t x, std::int64_t y) { return x < 0 || y < 0 || x == y; };
  if (boxes.ranked() && (boxes.rank() != 2 || !same(boxes[1], 4)))
    return constraint("non_max_suppression_c1", "boxes " + boxes.to_string() + " are not [n,4]");
  if (scores.ranked() && (scores.rank() != 1 || (boxes.ranked() && !same(scores[0], boxes[0]))))
    return constraint("non_max_suppression_c2", "scores " + scores.to_string() + " are not one for each box");
  for (std::size_t i = 2; i < c.input_count(); ++i)
    if (const auto n = c.has(i) && c.shape(i).is_static() ? c.shape(i).elements() : 1; n != 1)
      return constraint("non_max_suppression_c3", "output size, thresholds and sigma are one number each");
  for (std::size_t i : {1U, 3U, 4U, 5U})
    if (c.has(i) && c.input(i).dtype() != DType::float32 && c.input(i).dtype() != DType::unknown)
      return constraint("non_max_suppression_c4", "scores, thresholds and sigma are float32", Cause::unsupported_dtype);
  const auto most = c.integers(2);
  if (most && (most->size() != 1 || !sensible_dim((*most)[0])))
    return constraint("non_max_suppression_c5", "the output size is negative", Cause::data_out_of_range);
  const Shape out{most ? (*most)[0] : Shape::dynamic};
  Types types{{DType::int32, out}, {DType::int32, Shape{}}};
  if (c.output_count > 2) types.emplace_back(DType::float32, out);
  return types;
}

struct Candidate {
  std::int32_t index;
  float score;
  std::int32_t checked;
};

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const auto bytes = multiply_checked(c.inputs[0].dim(0), static_cast<std::int64_t>(sizeof(Candidate)));
  if (!bytes || c.inputs[0].dim(0) > 0x7FFF'FFFF)
    return constraint("non_max_suppression_c6", "too many boxes", Cause::resource_limit);
  c.scratch_bytes = static_cast<std::size_t>(*bytes);
  return std::shared_ptr<const void>();
}

void run(const KernelArgs& args) noexcept {
  const Box* boxes = args.in<const Box>(0);
  const float* scores = args.in<const float>(1);
  const float overlap_limit = *args.in<const float>(3), lowest_score = *args.in<const float>(4);
  const float sigma = args.has(5) ? *args.in<const float>(5) : 0.0F;
  if (sigma < 0.0F) return args.control->fail("non_max_suppression: sigma is negative");
  const float falloff = sigma > 0.0F ? static_cast<float>(-0.5 / static_cast<double>(sigma)) : 0.0F;
  auto* heap = reinterpret_cast<Candidate*>(args.scratch);
  const auto lower = [](const Candidate& x, const Candidate& y) { return x.score < y.score; };
  std::int64_t left = 0;
  for (std::int64_t i = 0; i < args.inputs[0].dim(0); ++i) {
    if (!(scores[i] > lowest_score)) continue;
    heap[left++] = {static_cast<std::int32_t>(i), scores[i], 0};
    std::push_heap(heap, heap + left, lower);
  }
  const std::int64_t room = args.outputs[0].elements(), wanted = std::min(left, room);
  auto* selected = args.out<std::int32_t>(0);
  float* kept = args.outputs.size() > 2 && args.outputs[2] ? args.out<float>(2) : nullptr;
  std::fill_n(selected, room, 0);
  if (kept) std::fill_n(kept, room, 0.0F);
  std::int32_t count = 0;
  while (count < wanted && left > 0) {
    std::pop_heap(heap, heap + left, lower);
    Candidate next = heap[--left];
    const float before = next.score;
    bool dropped = false;
    for (std::int32_t j = count - 1; j >= next.checked; --j) {
      const float shared = overlap(in_order(boxes[next.index]), in_order(boxes[selected[j]]));
      dropped = shared >= overlap_limit;
      if (dropped) break;
      if (sigma > 0.0F) next.score = next.score * std::exp(falloff * shared * shared);
      if (next.score <= lowest_score) break;
    }
    next.checked = count;
    if (dropped) continue;
    if (next.score == before) {
      selected[count] = next.index;
      if (kept) kept[count] = next.score;
      ++count;
    }
    // The one just taken goes back too, as in TensorFlow Lite; it meets itself next time and is dropped unless it is empty.
    if (next.score > lowest_score) {
      heap[left++] = next;
      std::push_heap(heap, heap + left, lower);
    }
  }
  *args.out<std::int32_t>(1) = count;
}

constexpr std::array kernels{kernel(DType::float32, run, prepare)};
}  // namespace

extern constexpr OpDef non_max_suppression{
    .name = "non_max_suppression",
    .help =
        "Indices of the best boxes that overlap less than the threshold, best first, filled up with zeros; their number; "
        "their scores.",
    .inputs = "boxes scores max_output_size iou_threshold score_threshold sigma?",
    .outputs = "indices count scores?",
    .exactness = Exactness::float_order,
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops
