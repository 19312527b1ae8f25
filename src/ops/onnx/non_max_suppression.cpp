// non_max_suppression: ONNX's NonMaxSuppression: for each batch entry and class the boxes with the best scores that overlap
// little.
#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "ops/op_def.hpp"
#include "ops/support/boxes.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

struct NonMaxSuppression {
  bool center_point_box = false;
};
constexpr std::array attributes{attr<&NonMaxSuppression::center_point_box>(
    "center_point_box", "boxes are center x, center y, width, height; else two corners y, x")};

Result<Types> infer(const InferContext& c) {
  const Shape &boxes = c.shape(0), &scores = c.shape(1);
  const auto differ = [](std::int64_t a, std::int64_t b) { return a >= 0 && b >= 0 && a != b; };
  if ((boxes.ranked() && (boxes.rank() != 3 || differ(boxes[2], 4))) || (scores.ranked() && scores.rank() != 3))
    return constraint("non_max_suppression_c1", "boxes " + boxes.to_string() + " and scores " + scores.to_string() +
                                                    " are not [batch,n,4] and [batch,classes,n]");
  if (boxes.ranked() && scores.ranked() && (differ(boxes[0], scores[0]) || differ(boxes[1], scores[2])))
    return constraint("non_max_suppression_c2",
                      "boxes " + boxes.to_string() + " and scores " + scores.to_string() + " do not fit each other");
  for (std::size_t i : {0U, 1U, 3U, 4U})
    if (c.has(i) && c.input(i).dtype() != DType::float32 && c.input(i).dtype() != DType::unknown)
      return constraint("non_max_suppression_c3", "boxes, scores and thresholds are float32", Cause::unsupported_dtype);
  return Types{TensorType(DType::int64, Shape{Shape::dynamic, 3})};
}

template <class T>
T scalar(const KernelArgs& args, std::size_t i, T fallback) noexcept {
  if (!args.has(i) || args.inputs[i].bytes < sizeof(T)) return fallback;
  std::memcpy(&fallback, args.inputs[i].data, sizeof(T));
  return fallback;
}

void run(const KernelArgs& args) noexcept {
  const View &boxes = args.inputs[0], &scores = args.inputs[1];
  const std::int64_t most = scalar<std::int64_t>(args, 2, 0), count = boxes.dim(1), classes = scores.dim(1);
  const float limit = scalar(args, 3, 0.0F), lowest = scalar(args, 4, -std::numeric_limits<float>::infinity());
  const bool centers = args.attributes<NonMaxSuppression>().center_point_box;
  const auto box = [&](std::int64_t batch, std::int64_t i) {
    const float* b = boxes.as<const float>() + (batch * count + i) * 4;
    if (!centers) return in_order({b[0], b[1], b[2], b[3]});
    return Box{b[1] - b[3] / 2, b[0] - b[2] / 2, b[1] + b[3] / 2, b[0] + b[2] / 2};
  };
  std::vector<std::int64_t> selected, order(static_cast<std::size_t>(count)), kept;
  for (std::int64_t batch = 0; batch < boxes.dim(0); ++batch)
    for (std::int64_t k = 0; k < classes; ++k) {
      const float* s = scores.as<const float>() + (batch * classes + k) * count;
      std::iota(order.begin(), order.end(), 0);
      std::ranges::stable_sort(order, [s](std::int64_t a, std::int64_t b) { return s[a] > s[b]; });
      kept.clear();
      for (std::int64_t i : order) {
        if (static_cast<std::int64_t>(kept.size()) >= most) break;
        if (!(s[i] > lowest)) continue;
        const Box one = box(batch, i);
        if (std::ranges::any_of(kept, [&](std::int64_t j) { return overlap(one, box(batch, j)) > limit; })) continue;
        kept.push_back(i);
        selected.insert(selected.end(), {batch, k, i});
      }
    }
  const TensorType type(DType::int64, Shape{static_cast<std::int64_t>(selected.size() / 3), 3});
  std::byte* out = args.control->resize(0, type, selected.size() * sizeof(std::int64_t));
  if (out && !selected.empty()) std::memcpy(out, selected.data(), selected.size() * sizeof(std::int64_t));
}

constexpr std::array kernels{kernel(DType::float32, run)};
}  // namespace

extern constexpr OpDef non_max_suppression{
    .name = "onnx.non_max_suppression",
    .help =
        "Triples of batch entry, class and box: the best boxes of each class, none of which overlaps a better one by more than "
        "the "
        "threshold.",
    .inputs = "boxes scores max_output_boxes_per_class? iou_threshold? score_threshold?",
    .attributes = attribute_table<NonMaxSuppression>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
