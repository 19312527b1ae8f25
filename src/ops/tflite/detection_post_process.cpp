// tflite.detection_post_process: TensorFlow Lite's custom op TFLite_Detection_PostProcess. Decodes boxes against anchors and
// keeps the best that do not overlap: over all classes at once ("fast"), or class by class ("regular").
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "ops/op_def.hpp"
#include "ops/support/boxes.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::tflite {
namespace {

struct DetectionPostProcess {
  std::int64_t max_detections = 0, max_classes_per_detection = 1, detections_per_class = 100, num_classes = 0;
  bool use_regular_nms = false;
  float nms_score_threshold = 0, nms_iou_threshold = 0, y_scale = 1, x_scale = 1, h_scale = 1, w_scale = 1;
};
using A = DetectionPostProcess;
constexpr std::array attributes{
    attr<&A::max_detections>("max_detections", "boxes that are kept at most"),
    attr<&A::max_classes_per_detection>("max_classes_per_detection", "best classes that are given of each box"),
    attr<&A::detections_per_class>("detections_per_class", "with regular suppression: boxes of one class at most"),
    attr<&A::num_classes>("num_classes", "without the background, which may stand before them"),
    attr<&A::use_regular_nms>("use_regular_nms", "class by class"),
    attr<&A::nms_score_threshold>("nms_score_threshold", "lower scores are left out"),
    attr<&A::nms_iou_threshold>("nms_iou_threshold", "intersection over union above which the lower score gives way"),
    attr<&A::y_scale>("y_scale", "divides the encoded centre"),
    attr<&A::x_scale>("x_scale", "divides the encoded centre"),
    attr<&A::h_scale>("h_scale", "divides the encoded size"),
    attr<&A::w_scale>("w_scale", "divides the encoded size"),
};

Result<Types> infer(const InferContext& c) {
  const A& a = c.attributes<A>();
  if (!sensible_dim(a.max_detections) || a.max_classes_per_detection < 1 || !sensible_dim(a.max_classes_per_detection) ||
      a.num_classes < 1 || a.detections_per_class < 1 || !sensible_dim(a.max_detections * a.max_classes_per_detection) ||
      !(a.nms_iou_threshold > 0.0F) || a.nms_iou_threshold > 1.0F)
    return constraint("detection_post_process_c1", "counts or thresholds are out of range", Cause::invalid_attribute);
  const Shape &boxes = c.shape(0), &scores = c.shape(1), &anchors = c.shape(2);
  const auto same = [](std::int64_t x, std::int64_t y) { return x < 0 || y < 0 || x == y; };
  if (boxes.ranked() && (boxes.rank() != 3 || !same(boxes[0], 1) || (boxes[2] >= 0 && boxes[2] < 4)))
    return constraint("detection_post_process_c2", "boxes " + boxes.to_string() + " are not [1,n,4]");
  if (scores.ranked() && (scores.rank() != 3 || !same(scores[0], 1) || (boxes.ranked() && !same(scores[1], boxes[1]))))
    return constraint("detection_post_process_c3", "scores " + scores.to_string() + " do not fit boxes " + boxes.to_string());
  if (scores.ranked() && scores[2] >= 0 && scores[2] != a.num_classes && scores[2] != a.num_classes + 1)
    return constraint("detection_post_process_c3",
                      "scores of " + std::to_string(scores[2]) + " classes, but there are " + std::to_string(a.num_classes));
  if (anchors.ranked() && (anchors.rank() != 2 || !same(anchors[1], 4) ||
                           (boxes.ranked() && boxes[1] >= 0 && anchors[0] >= 0 && anchors[0] < boxes[1])))
    return constraint("detection_post_process_c4", "anchors " + anchors.to_string() + " do not fit boxes " + boxes.to_string());
  const std::int64_t n = a.max_detections * a.max_classes_per_detection;
  return Types{
      {DType::float32, Shape{1, n, 4}}, {DType::float32, Shape{1, n}}, {DType::float32, Shape{1, n}}, {DType::float32, Shape{1}}};
}

/// Where things lie in the scratch memory.
struct Scratch {
  Box* boxes;
  float *scores, *best;
  std::int32_t *classes, *kept, *selected;
  struct Found {
    std::int32_t index;
    float score;
  } * found;
};
std::size_t place(std::byte* base, std::int64_t boxes, std::int64_t columns, const A& a, Scratch& s) noexcept {
  std::size_t at = 0;
  const auto take = [&]<class T>(T*& pointer, std::int64_t count) {
    pointer = reinterpret_cast<T*>(base + at);
    at += (static_cast<std::size_t>(count) * sizeof(T) + 15) / 16 * 16;
  };
  take(s.boxes, boxes);
  take(s.scores, boxes * columns);
  take(s.best, boxes);
  take(s.classes, boxes * a.num_classes);
  take(s.kept, boxes);
  take(s.selected, boxes);
  take(s.found, a.max_detections + std::min(a.max_detections, a.detections_per_class));
  return at;
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  for (const View& v : c.inputs)
    if (v.type->dtype() != DType::float32 && v.type->dtype() != DType::quint8 && v.type->dtype() != DType::qint8)
      return constraint("detection_post_process_c5", "inputs of " + std::string(name(v.type->dtype())), Cause::unsupported_dtype);
  const std::int64_t boxes = c.inputs[0].dim(1), columns = c.inputs[1].dim(2);
  const auto cells = multiply_checked(boxes, columns);
  if (!cells || *cells > 0x1000'0000 || c.attributes<A>().max_detections > 0x100'0000)
    return constraint("detection_post_process_c6", "too many boxes or classes", Cause::resource_limit);
  Scratch s;
  c.scratch_bytes = place(nullptr, boxes, columns, c.attributes<A>(), s);
  return std::shared_ptr<const void>();
}

float element(const View& v, std::int64_t i) noexcept {
  const auto real = [&](auto stored) {
    return (static_cast<float>(stored) - static_cast<float>(v.type->zero_point())) * v.type->scale();
  };
  if (v.type->storage() == DType::uint8) return real(v.as<const std::uint8_t>()[i]);
  if (v.type->storage() == DType::int8) return real(v.as<const std::int8_t>()[i]);
  return v.as<const float>()[i];
}

template <class T>
void reals(const View& v, std::int64_t n, float* out) noexcept {
  const auto zero_point = static_cast<float>(v.type->zero_point());
  const float scale = v.type->scale();
  for (std::int64_t i = 0; i < n; ++i) out[i] = (static_cast<float>(v.as<const T>()[i]) - zero_point) * scale;
}
/// All elements as reals: those of `element`.
void elements(const View& v, std::int64_t n, float* out) noexcept {
  if (v.type->storage() == DType::uint8) return reals<std::uint8_t>(v, n, out);
  if (v.type->storage() == DType::int8) return reals<std::int8_t>(v, n, out);
  std::copy_n(v.as<const float>(), n, out);
}

/// What a box's encoding says of its centre and of half its size, as parts of the anchor's size.
double centre(double code, float scale) noexcept { return code / static_cast<double>(scale); }
double half_size(double code, float scale) noexcept { return 0.5 * std::exp(code / static_cast<double>(scale)); }

/// Those of all bytes.
struct EncodedBytes {
  std::array<double, 256> y, x, h, w;

  EncodedBytes(const TensorType& type, const A& a) noexcept {
    for (int byte = 0; byte < 256; ++byte) {
      const int stored = type.storage() == DType::int8 ? static_cast<std::int8_t>(byte) : byte;
      const auto code = static_cast<double>((static_cast<float>(stored) - static_cast<float>(type.zero_point())) * type.scale());
      const auto at = static_cast<std::size_t>(byte);
      y[at] = centre(code, a.y_scale);
      x[at] = centre(code, a.x_scale);
      h[at] = half_size(code, a.h_scale);
      w[at] = half_size(code, a.w_scale);
    }
  }
};

/// y, x, h, w: what `centre` and `half_size` give of box i. False where a box is inside out (or not a number).
template <class Y, class X, class H, class W>
bool decode(const View& anchors, std::int64_t n, const Y& y_of, const X& x_of, const H& h_of, const W& w_of,
            Box* boxes) noexcept {
  bool ordered = true;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto anchor = [&](std::int64_t k) { return static_cast<double>(element(anchors, i * 4 + k)); };
    const auto y = static_cast<float>(y_of(i) * anchor(2) + anchor(0));
    const auto x = static_cast<float>(x_of(i) * anchor(3) + anchor(1));
    const auto half_h = static_cast<float>(h_of(i) * anchor(2));
    const auto half_w = static_cast<float>(w_of(i) * anchor(3));
    boxes[i] = {y - half_h, x - half_w, y + half_h, x + half_w};
    ordered = ordered && !(boxes[i].y0 > boxes[i].y1) && !(boxes[i].x0 > boxes[i].x1);
  }
  return ordered;
}

bool decode(const KernelArgs& args, const A& a, Box* boxes) noexcept {
  const View &encoded = args.inputs[0], &anchors = args.inputs[2];
  const std::int64_t n = encoded.dim(1), width = encoded.dim(2);
  if (encoded.type->storage() == DType::float32) {
    const auto code = [&](std::int64_t i, std::int64_t k) {
      return static_cast<double>(encoded.as<const float>()[i * width + k]);
    };
    return decode(
        anchors, n, [&](std::int64_t i) { return centre(code(i, 0), a.y_scale); },
        [&](std::int64_t i) { return centre(code(i, 1), a.x_scale); },
        [&](std::int64_t i) { return half_size(code(i, 2), a.h_scale); },
        [&](std::int64_t i) { return half_size(code(i, 3), a.w_scale); }, boxes);
  }
  const EncodedBytes bytes(*encoded.type, a);
  const auto byte = [&](std::int64_t i, std::int64_t k) { return encoded.as<const std::uint8_t>()[i * width + k]; };
  return decode(
      anchors, n, [&](std::int64_t i) { return bytes.y[byte(i, 0)]; }, [&](std::int64_t i) { return bytes.x[byte(i, 1)]; },
      [&](std::int64_t i) { return bytes.h[byte(i, 2)]; }, [&](std::int64_t i) { return bytes.w[byte(i, 3)]; }, boxes);
}

/// The best boxes by score that do not overlap too much; of equal scores the first. Returns how many are in s.selected. Only as
/// many are brought into order as are looked at: thresholds of detectors are often so low that nearly all boxes are candidates.
std::int64_t suppress(const A& a, const Scratch& s, const float* scores, std::int64_t n, std::int64_t most) noexcept {
  std::int64_t left = 0;
  for (std::int64_t i = 0; i < n; ++i)
    if (scores[i] >= a.nms_score_threshold) s.kept[left++] = static_cast<std::int32_t>(i);
  const auto behind = [scores](std::int32_t x, std::int32_t y) {
    return scores[x] < scores[y] || (scores[x] == scores[y] && x > y);
  };
  std::make_heap(s.kept, s.kept + left, behind);
  std::int64_t found = 0;
  for (; left > 0 && found < most; --left) {
    std::pop_heap(s.kept, s.kept + left, behind);
    const std::int32_t next = s.kept[left - 1];
    const bool covered = std::any_of(s.selected, s.selected + found, [&](std::int32_t better) {
      return overlap(s.boxes[better], s.boxes[next]) > a.nms_iou_threshold;
    });
    if (!covered) s.selected[found++] = next;
  }
  return found;
}

void put(const KernelArgs& args, std::int64_t at, const Box& box, float label, float score) noexcept {
  args.outputs[0].as<Box>()[at] = box;
  args.outputs[1].as<float>()[at] = label;
  args.outputs[2].as<float>()[at] = score;
}

std::int64_t fast(const KernelArgs& args, const A& a, const Scratch& s, std::int64_t n, std::int64_t columns,
                  std::int64_t background) noexcept {
  const std::int64_t wanted = std::min(a.max_classes_per_detection, a.num_classes);
  for (std::int64_t row = 0; row < n; ++row) {
    const float* scores = s.scores + row * columns + background;
    std::int32_t* classes = s.classes + row * a.num_classes;
    if (wanted == 1) {
      classes[0] = static_cast<std::int32_t>(std::max_element(scores, scores + a.num_classes) - scores);
    } else {
      std::iota(classes, classes + a.num_classes, 0);
      std::partial_sort(classes, classes + wanted, classes + a.num_classes,
                        [scores](std::int32_t x, std::int32_t y) { return scores[x] > scores[y]; });
    }
    s.best[row] = scores[classes[0]];
  }
  const std::int64_t found = suppress(a, s, s.best, n, a.max_detections);
  for (std::int64_t i = 0; i < found; ++i)
    for (std::int64_t k = 0; k < wanted; ++k) {
      const std::int32_t row = s.selected[i], label = s.classes[row * a.num_classes + k];
      put(args, i * a.max_classes_per_detection + k, s.boxes[row], static_cast<float>(label),
          s.scores[row * columns + background + label]);
    }
  return found;
}

std::int64_t regular(const KernelArgs& args, const A& a, const Scratch& s, std::int64_t n, std::int64_t columns,
                     std::int64_t background) noexcept {
  std::int64_t found = 0;
  for (std::int64_t label = 0; label < a.num_classes; ++label) {
    for (std::int64_t row = 0; row < n; ++row) s.best[row] = s.scores[row * columns + background + label];
    const std::int64_t fresh = suppress(a, s, s.best, n, std::min(a.max_detections, a.detections_per_class));
    for (std::int64_t i = 0; i < fresh; ++i) {  // sorted in behind what is there; of equal scores the earlier class stays first
      const Scratch::Found next{static_cast<std::int32_t>(s.selected[i] * a.num_classes + label), s.best[s.selected[i]]};
      std::int64_t at = found + i;
      for (; at > 0 && s.found[at - 1].score < next.score; --at) s.found[at] = s.found[at - 1];
      s.found[at] = next;
    }
    found = std::min(found + fresh, a.max_detections);
  }
  for (std::int64_t i = 0; i < found; ++i) {
    const auto row = s.found[i].index / a.num_classes, label = s.found[i].index % a.num_classes;
    put(args, i, s.boxes[row], static_cast<float>(label), s.found[i].score);
  }
  return found;
}

void run(const KernelArgs& args) noexcept {
  const A& a = args.attributes<A>();
  const std::int64_t n = args.inputs[0].dim(1), columns = args.inputs[1].dim(2), background = columns - a.num_classes;
  Scratch s;
  place(args.scratch, n, columns, a, s);
  if (!decode(args, a, s.boxes)) return args.control->fail("detection_post_process: a decoded box is inside out");
  elements(args.inputs[1], n * columns, s.scores);
  for (std::size_t o : {0U, 1U, 2U}) std::fill_n(args.outputs[o].as<float>(), args.outputs[o].elements(), 0.0F);
  const std::int64_t found =
      a.use_regular_nms ? regular(args, a, s, n, columns, background) : fast(args, a, s, n, columns, background);
  *args.outputs[3].as<float>() = static_cast<float>(found);
}

constexpr std::array kernels{kernel(DType::float32, run, prepare), kernel(DType::quint8, run, prepare),
                             kernel(DType::qint8, run, prepare)};
}  // namespace

extern constexpr OpDef detection_post_process{
    .name = "tflite.detection_post_process",
    .help = "Decodes a detector's boxes and keeps the best that do not overlap. Places beyond the number of detections are zero.",
    .inputs = "boxes scores anchors",
    .outputs = "boxes classes scores count",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<DetectionPostProcess>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
