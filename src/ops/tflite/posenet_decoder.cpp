// tflite.posenet_decoder: Coral's custom op PosenetDecoderOp, the decoder of PersonLab (arXiv 1803.08225): keypoints are
// followed from the best ones along the edges of the body by mid-range offsets, refined by short-range ones, and poses that
// repeat others drop out.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::tflite {
namespace {

struct PosenetDecoder {
  std::int64_t max_detections = 0, stride = 1;
  float score_threshold = 0, nms_radius = 0;
};
constexpr std::array attributes{
    attr<&PosenetDecoder::max_detections>("max_detections", "poses at most"),
    attr<&PosenetDecoder::stride>("stride", "pixels of the image for each place of the maps"),
    attr<&PosenetDecoder::score_threshold>("score_threshold", "probability below which keypoints and poses are left out"),
    attr<&PosenetDecoder::nms_radius>("nms_radius", "pixels within which two keypoints of a kind are one"),
};

constexpr int keypoints = 17, edges = 16, refinements = 5, mask_refinements = 2;
struct Point {
  float y = 0, x = 0;
};
struct Candidate {
  Point point;
  std::int32_t kind;
  float score;
};
using Pose = std::array<Point, keypoints>;
using Scores = std::array<float, keypoints>;

/// Edges of the body from the nose outwards; the edge back from each child has the number + 16.
struct Edge {
  int parent, child;
};
constexpr Edge body[edges] = {{0, 1},   {1, 3},   {0, 2}, {2, 4}, {0, 5},  {5, 7},  {7, 9},   {5, 11},
                              {11, 13}, {13, 15}, {0, 6}, {6, 8}, {8, 10}, {6, 12}, {12, 14}, {14, 16}};

Result<Types> infer(const InferContext& c) {
  const PosenetDecoder& a = c.attributes<PosenetDecoder>();
  if (a.stride < 1 || a.max_detections < 1 || a.max_detections > 0xFFFF)
    return constraint("posenet_decoder_c1", "stride and max_detections are positive numbers", Cause::invalid_attribute);
  constexpr std::int64_t channels[] = {keypoints, 2 * keypoints, 4 * edges, 2 * keypoints};
  for (std::size_t i = 0; i < c.input_count(); ++i) {
    const Shape& s = c.shape(i);
    if (!s.ranked()) continue;
    if (s.rank() != 4 || (s[0] >= 0 && s[0] != 1) || (s[3] >= 0 && s[3] != channels[i]))
      return constraint("posenet_decoder_c2", "map " + std::to_string(i) + " of shape " + s.to_string() + " is not [1,h,w," +
                                                  std::to_string(channels[i]) + "]");
    if (i < 3 && s.is_static() && c.shape(0).is_static() && (s[1] != c.shape(0)[1] || s[2] != c.shape(0)[2]))
      return constraint("posenet_decoder_c3", "map " + std::to_string(i) + " of shape " + s.to_string() + " is not as large as " +
                                                  c.shape(0).to_string());
    if (s.is_static() && s.elements().value_or(0) == 0)
      return constraint("posenet_decoder_c3", "map " + std::to_string(i) + " is empty");
  }
  const std::int64_t n = a.max_detections;
  Types types{{DType::float32, Shape{1, n, keypoints, 2}},
              {DType::float32, Shape{1, n, keypoints}},
              {DType::float32, Shape{1, n}},
              {DType::float32, Shape{1}}};
  if (c.output_count > 4) {
    if (!c.has(3)) return constraint("posenet_decoder_c4", "masks need long-range offsets", Cause::dangling_reference);
    const Shape& s = c.shape(3);
    types.emplace_back(DType::float32, s.ranked() ? Shape{1, n, s[1], s[2]} : open_shape(4));
  }
  return types;
}

struct Scratch {
  float* maps[4];
  Candidate *roots, *queue;
  Pose* poses;
  Scores* scores;
  float* pose_scores;
  std::int32_t* order;
};
std::size_t place(std::byte* base, std::span<const View> inputs, std::int64_t poses, Scratch& s) noexcept {
  std::size_t at = 0;
  const auto take = [&]<class T>(T*& pointer, std::int64_t count) {
    pointer = reinterpret_cast<T*>(base + at);
    at += (static_cast<std::size_t>(count) * sizeof(T) + 15) / 16 * 16;
  };
  for (std::size_t i = 0; i < inputs.size() && i < 4; ++i) take(s.maps[i], inputs[i] ? inputs[i].elements() : 0);
  take(s.roots, inputs[0].elements());
  take(s.queue, 2 * edges + 1);
  take(s.poses, poses);
  take(s.scores, poses);
  take(s.pose_scores, poses);
  take(s.order, poses);
  return at;
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  for (const View& v : c.inputs)
    if (v && v.type->dtype() != DType::float32 && v.type->dtype() != DType::quint8 && v.type->dtype() != DType::qint8)
      return constraint("posenet_decoder_c5", "maps of " + std::string(name(v.type->dtype())), Cause::unsupported_dtype);
  Scratch s{};
  c.scratch_bytes = place(nullptr, c.inputs, c.attributes<PosenetDecoder>().max_detections, s);
  return std::shared_ptr<const void>();
}

void dequantize(const View& v, float extra, float* out) noexcept {
  const auto zero_point = static_cast<float>(v.type->zero_point());
  const float scale = v.type->quantized() ? v.type->scale() * extra : extra;
  for (std::int64_t i = 0; i < v.elements(); ++i) {
    if (v.type->storage() == DType::uint8)
      out[i] = (static_cast<float>(v.as<const std::uint8_t>()[i]) - zero_point) * scale;
    else if (v.type->storage() == DType::int8)
      out[i] = (static_cast<float>(v.as<const std::int8_t>()[i]) - zero_point) * scale;
    else
      out[i] = v.as<const float>()[i] * scale;
  }
}

struct Map {
  const float* data;
  std::int64_t height, width, channels;

  Point clamped(float y, float x) const noexcept {
    const auto within = [](float v, std::int64_t size) { return v > 0.0F ? std::min(v, static_cast<float>(size) - 1.0F) : 0.0F; };
    return {within(y, height), within(x, width)};  // NaN goes to 0
  }
  /// Interpolated between the four places around.
  float at(Point p, std::int64_t channel) const noexcept {
    const Point inside = clamped(p.y, p.x);
    const auto y0 = static_cast<std::int64_t>(std::floor(inside.y)), y1 = static_cast<std::int64_t>(std::ceil(inside.y));
    const auto x0 = static_cast<std::int64_t>(std::floor(inside.x)), x1 = static_cast<std::int64_t>(std::ceil(inside.x));
    const float fy = p.y - static_cast<float>(y0), fx = p.x - static_cast<float>(x0);
    const auto value = [&](std::int64_t y, std::int64_t x) { return data[(y * width + x) * channels + channel]; };
    return (1.0F - fy) * ((1.0F - fx) * value(y0, x0) + fx * value(y0, x1)) +
           fy * ((1.0F - fx) * value(y1, x0) + fx * value(y1, x1));
  }
  Point follow(Point p, std::int64_t y_channel, std::int64_t x_channel) const noexcept {
    return clamped(p.y + at(p, y_channel), p.x + at(p, x_channel));
  }
};

float squared_distance(Point a, Point b) noexcept {
  const float dy = b.y - a.y, dx = b.x - a.x;
  return dy * dy + dx * dx;
}

constexpr auto lower = [](const Candidate& a, const Candidate& b) noexcept { return a.score < b.score; };

/// All keypoints above the threshold that no neighbour exceeds, as a heap.
std::int64_t find_roots(const Map& heat, const Map& near, float threshold, Candidate* heap) noexcept {
  std::int64_t count = 0;
  for (std::int64_t y = 0; y < heat.height; ++y)
    for (std::int64_t x = 0; x < heat.width; ++x)
      for (std::int32_t k = 0; k < keypoints; ++k) {
        const std::int64_t here = y * heat.width + x;
        const float score = heat.data[here * keypoints + k];
        bool peak = score >= threshold;
        for (std::int64_t v = std::max<std::int64_t>(y - 1, 0); peak && v < std::min(y + 2, heat.height); ++v)
          for (std::int64_t u = std::max<std::int64_t>(x - 1, 0); peak && u < std::min(x + 2, heat.width); ++u)
            peak = !(heat.data[(v * heat.width + u) * keypoints + k] > score);
        if (!peak) continue;
        const float* offset = near.data + here * 2 * keypoints + k;
        heap[count++] = {heat.clamped(static_cast<float>(y) + offset[0], static_cast<float>(x) + offset[keypoints]), k, score};
        std::push_heap(heap, heap + count, lower);
      }
  return count;
}

void grow(const Map& heat, const Map& near, const Map& mid, const Candidate& root, Candidate* queue, Pose& pose,
          Scores& scores) noexcept {
  std::array<bool, keypoints> done{};
  std::int64_t count = 0;
  const auto push = [&](Point p, int kind) {
    queue[count++] = {p, kind, heat.at(p, kind)};
    std::push_heap(queue, queue + count, lower);
  };
  push(root.point, root.kind);
  while (count > 0) {
    std::pop_heap(queue, queue + count, lower);
    const Candidate now = queue[--count];
    const auto kind = static_cast<std::size_t>(now.kind);
    if (done[kind]) continue;
    done[kind] = true;
    pose[kind] = now.point;
    scores[kind] = now.score;
    for (int e = 0; e < 2 * edges; ++e) {
      const Edge edge = body[e % edges];
      const int from = e < edges ? edge.parent : edge.child, to = e < edges ? edge.child : edge.parent;
      if (from != now.kind || done[static_cast<std::size_t>(to)]) continue;
      // The map lies as forward y, forward x, backward y, backward x; the reference takes edge 16 for a forward one.
      const std::int64_t channel = e > edges ? e + edges : e;
      Point p = mid.follow(now.point, channel, channel + edges);
      for (int i = 0; i < refinements; ++i) p = near.follow(p, to, to + keypoints);
      push(p, to);
    }
  }
}

template <class Score>
void sort_falling(std::int32_t* order, std::int64_t n, const Score* scores) noexcept {
  std::iota(order, order + n, 0);
  std::sort(order, order + n, [scores](std::int32_t a, std::int32_t b) {  // NaN last, so that the order is one
    return scores[a] > scores[b] || (std::isnan(scores[b]) && !std::isnan(scores[a]));
  });
}

float mean_score(const Scores& scores, const std::array<bool, keypoints>& hidden) noexcept {
  std::array<std::int32_t, keypoints> order;
  sort_falling(order.data(), keypoints, scores.data());
  float total = 0;
  for (std::int32_t k : order)
    if (!hidden[static_cast<std::size_t>(k)]) total += scores[static_cast<std::size_t>(k)];
  return total / static_cast<float>(keypoints);
}

std::int64_t find_poses(const PosenetDecoder& a, const Map& heat, const Map& near, const Map& mid, const Scratch& s) noexcept {
  const float radius = a.nms_radius / static_cast<float>(a.stride);
  const float threshold = static_cast<float>(-std::log(1.0 / (static_cast<double>(a.score_threshold) + 1e-6) - 1.0));
  std::int64_t roots = find_roots(heat, near, threshold, s.roots), count = 0;
  while (count < a.max_detections && roots > 0) {
    std::pop_heap(s.roots, s.roots + roots, lower);
    const Candidate root = s.roots[--roots];
    const auto kind = static_cast<std::size_t>(root.kind);
    const bool known = std::any_of(s.poses, s.poses + count,
                                   [&](const Pose& p) { return squared_distance(root.point, p[kind]) <= radius * radius; });
    if (known) continue;
    grow(heat, near, mid, root, s.queue, s.poses[count], s.scores[count]);
    for (float& score : s.scores[count]) score = 1.0F / (1.0F + std::exp(-score));
    s.pose_scores[count] = mean_score(s.scores[count], {});
    if (s.pose_scores[count] >= a.score_threshold) ++count;
  }
  // A keypoint that a better pose has too counts for nothing.
  sort_falling(s.order, count, s.pose_scores);
  for (std::int64_t i = 0; i < count; ++i) {
    std::array<bool, keypoints> hidden{};
    for (std::int64_t j = 0; j < i; ++j)
      for (std::size_t k = 0; k < keypoints; ++k)
        if (squared_distance(s.poses[s.order[i]][k], s.poses[s.order[j]][k]) <= radius * radius) hidden[k] = true;
    s.pose_scores[s.order[i]] = mean_score(s.scores[s.order[i]], hidden);
  }
  sort_falling(s.order, count, s.pose_scores);
  return count;
}

/// Each place belongs to the pose whose keypoints are nearest to where the long-range offsets lead.
void fill_masks(const Map& far, std::int64_t stride, const Pose* poses, std::int64_t count, float* masks) noexcept {
  for (std::int64_t y = 0; y < far.height && count > 0; ++y)
    for (std::int64_t x = 0; x < far.width; ++x) {
      Pose target;
      for (std::size_t k = 0; k < keypoints; ++k) {
        Point p{static_cast<float>(y), static_cast<float>(x)};
        for (int i = 0; i <= mask_refinements; ++i)
          p = far.follow(p, static_cast<std::int64_t>(k), static_cast<std::int64_t>(k) + keypoints);
        target[k] = {p.y * static_cast<float>(stride), p.x * static_cast<float>(stride)};
      }
      std::int64_t best = 0;
      float least = 0;
      for (std::int64_t i = 0; i < count; ++i) {
        float distance = 0;
        for (std::size_t k = 0; k < keypoints; ++k) distance += squared_distance(target[k], poses[i][k]);
        if (i == 0 || distance < least) best = i, least = distance;
      }
      masks[(best * far.height + y) * far.width + x] = 1.0F;
    }
}

void run(const KernelArgs& args) noexcept {
  const PosenetDecoder& a = args.attributes<PosenetDecoder>();
  Scratch s{};
  place(args.scratch, args.inputs, a.max_detections, s);
  const auto per_place = static_cast<float>(1.0 / static_cast<double>(a.stride));
  const auto map = [&](std::size_t i) {
    dequantize(args.inputs[i], i == 0 ? 1.0F : per_place, s.maps[i]);
    return Map{s.maps[i], args.inputs[i].dim(1), args.inputs[i].dim(2), args.inputs[i].dim(3)};
  };
  const Map heat = map(0), near = map(1), mid = map(2);
  for (const View& out : args.outputs)
    if (out) std::memset(out.data, 0, out.bytes);
  const std::int64_t found = find_poses(a, heat, near, mid, s);
  auto* poses = args.outputs[0].as<Pose>();
  std::int64_t count = 0;
  for (; count < found && s.pose_scores[s.order[count]] >= a.score_threshold; ++count) {
    const std::int32_t i = s.order[count];
    for (std::size_t k = 0; k < keypoints; ++k)
      poses[count][k] = {s.poses[i][k].y * static_cast<float>(a.stride), s.poses[i][k].x * static_cast<float>(a.stride)};
    args.outputs[1].as<Scores>()[count] = s.scores[i];
    args.outputs[2].as<float>()[count] = s.pose_scores[i];
  }
  *args.outputs[3].as<float>() = static_cast<float>(count);
  if (args.has(3) && args.outputs.size() > 4 && args.outputs[4])
    fill_masks(map(3), a.stride, poses, count, args.outputs[4].as<float>());
}

constexpr std::array kernels{kernel(DType::float32, run, prepare), kernel(DType::quint8, run, prepare),
                             kernel(DType::qint8, run, prepare)};
}  // namespace

extern constexpr OpDef posenet_decoder{
    .name = "tflite.posenet_decoder",
    .help =
        "Poses of people from PoseNet's maps: keypoints in pixels (y, x), their scores, the poses' scores, how many there "
        "are, and where long-range offsets are given a mask of each. Places beyond the number of poses are zero.",
    .inputs = "heatmaps short_offsets mid_offsets long_offsets?",
    .outputs = "keypoints keypoint_scores scores count masks?",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<PosenetDecoder>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
