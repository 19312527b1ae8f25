// tflite.landmarks_to_transform_matrix: the matrix that maps an upright crop around landmarks back into the image. MediaPipe's
// custom op Landmarks2TransformMatrix, both versions.
#include <cmath>
#include <limits>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::tflite {
namespace {

struct LandmarksToTransformMatrix {
  std::int64_t version = 2, left_rotation_idx = 0, right_rotation_idx = 0, output_height = 0, output_width = 0;
  std::int64_t input_height = 0, input_width = 0;
  std::vector<std::int64_t> subset_idxs{};
  float target_rotation_radians = 0, scale_x = 1, scale_y = 1, landmarks_range = 0, bbox_size_multiplier = 1;
};
using A = LandmarksToTransformMatrix;
constexpr std::array attributes{
    attr<&A::version>("version", "1 or 2"),
    attr<&A::left_rotation_idx>("left_rotation_idx", "landmark on the left of the line that is laid level"),
    attr<&A::right_rotation_idx>("right_rotation_idx", "landmark on its right"),
    attr<&A::subset_idxs>("subset_idxs", "landmarks that the crop surrounds"),
    attr<&A::output_height>("output_height", "rows of the crop"),
    attr<&A::output_width>("output_width", "columns of the crop"),
    attr<&A::target_rotation_radians>("target_rotation_radians", "version 2: the angle that the line shall have"),
    attr<&A::scale_x>("scale_x", "version 2: the crop is so much wider than the landmarks"),
    attr<&A::scale_y>("scale_y", "version 2: and higher"),
    attr<&A::input_height>("input_height", "version 1: rows of the image"),
    attr<&A::input_width>("input_width", "version 1: columns of the image"),
    attr<&A::landmarks_range>("landmarks_range", "version 1: landmarks lie in [0, range]"),
    attr<&A::bbox_size_multiplier>("bbox_size_multiplier", "version 1: the crop is so much larger than the landmarks"),
};

Result<Types> infer(const InferContext& c) {
  const A& a = c.attributes<A>();
  if ((a.version != 1 && a.version != 2) || a.output_height < 1 || a.output_width < 1 || a.subset_idxs.empty() ||
      (a.version == 1 && (a.input_height < 1 || a.input_width < 1 || !(a.landmarks_range > 0.0F))))
    return constraint("landmarks_to_transform_matrix_c1", "sizes, range or subset are missing", Cause::invalid_attribute);
  const std::int64_t values = c.shape(0).elements().value_or(std::numeric_limits<std::int64_t>::max());
  const auto known = [&](std::int64_t i) { return i >= 0 && i < 0x7FFF'FFFF && i * 3 + 2 < values; };
  bool all = known(a.left_rotation_idx) && known(a.right_rotation_idx);
  for (std::int64_t i : a.subset_idxs) all = all && known(i);
  if (!all)
    return constraint("landmarks_to_transform_matrix_c2", "a landmark is named that " + c.shape(0).to_string() + " does not hold",
                      Cause::invalid_attribute);
  return Types{{DType::float32, Shape{1, 4, 4}}};
}

using Matrix3 = std::array<float, 9>;
Matrix3 operator*(const Matrix3& a, const Matrix3& b) noexcept {
  Matrix3 result{};
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t k = 0; k < 3; ++k) result[r * 3 + c] += a[r * 3 + k] * b[k * 3 + c];
  return result;
}

struct Point {
  float x, y;
};
Point landmark(const KernelArgs& args, std::int64_t i) noexcept {
  return {args.in<const float>(0)[i * 3], args.in<const float>(0)[i * 3 + 1]};
}

struct Crop {
  Point center, size;
};
/// The box around the landmarks, turned by `angle`; its centre turned back.
Crop crop_around(const KernelArgs& args, const A& a, float angle) noexcept {
  Point least{}, most{};
  bool first = true;
  const auto turn = [](Point p, float by) {
    const float c = std::cos(by), s = std::sin(by);
    return Point{c * p.x + -s * p.y, s * p.x + c * p.y};
  };
  for (std::int64_t i : a.subset_idxs) {
    const Point p = turn(landmark(args, i), angle);
    least = first ? p : Point{std::min(least.x, p.x), std::min(least.y, p.y)};
    most = first ? p : Point{std::max(most.x, p.x), std::max(most.y, p.y)};
    first = false;
  }
  return {turn({(least.x + most.x) / 2, (least.y + most.y) / 2}, -angle), {most.x - least.x, most.y - least.y}};
}

void put(const KernelArgs& args, const Matrix3& m, bool version_1) noexcept {
  const float full[16] = {m[0], m[1], 0, m[2], m[3], m[4], 0, m[5], 0, 0, 1, 0, 0, 0, 0, 1};
  std::copy_n(full, 16, args.out<float>());
  if (!version_1) return;
  args.out<float>()[8] = m[6];
  args.out<float>()[9] = m[7];
  args.out<float>()[10] = m[8];
}

void run(const KernelArgs& args) noexcept {
  const A& a = args.attributes<A>();
  const Point left = landmark(args, a.left_rotation_idx), right = landmark(args, a.right_rotation_idx);
  const auto out_height = static_cast<float>(a.output_height), out_width = static_cast<float>(a.output_width);
  if (a.version == 2) {
    const float angle = a.target_rotation_radians - std::atan2(right.y - left.y, right.x - left.x);
    const Crop crop = crop_around(args, a, angle);
    const float c = std::cos(-angle), s = std::sin(-angle);
    const float scale_x = a.scale_x * crop.size.x / out_width, scale_y = a.scale_y * crop.size.y / out_height;
    const Matrix3 shift{1, 0, crop.center.x, 0, 1, crop.center.y, 0, 0, 1}, rotation{c, -s, 0, s, c, 0, 0, 0, 1};
    const Matrix3 scale{scale_x, 0, 0, 0, scale_y, 0, 0, 0, 1}, origin{1, 0, -out_width / 2, 0, 1, -out_height / 2, 0, 0, 1};
    return put(args, shift * rotation * scale * origin, false);
  }
  const float angle = -std::atan((right.y - left.y) / (right.x - left.x));
  const Crop crop = crop_around(args, a, angle);
  const float range = a.landmarks_range, c = std::cos(-angle), s = std::sin(-angle);
  const auto in_height = static_cast<float>(a.input_height), in_width = static_cast<float>(a.input_width);
  const Matrix3 scale{
      crop.size.x * a.bbox_size_multiplier / range, 0, 0, 0, crop.size.y * a.bbox_size_multiplier / range, 0, 0, 0, 1};
  const Matrix3 rotation{c, -s, crop.center.x / range * 2 - 1, s, c, crop.center.y / range * 2 - 1, 0, 0, 1};
  const Matrix3 relative{2 / (out_width - 1), 0, -1, 0, 2 / (out_height - 1), -1, 0, 0, 1};
  const Matrix3 absolute{(in_width - 1) / 2, 0, (in_width - 1) / 2, 0, (in_height - 1) / 2, (in_height - 1) / 2, 0, 0, 1};
  put(args, absolute * rotation * scale * relative, true);
}

constexpr std::array kernels{kernel(DType::float32, run)};
}  // namespace

extern constexpr OpDef landmarks_to_transform_matrix{
    .name = "tflite.landmarks_to_transform_matrix",
    .help = "The 4x4 matrix that maps pixels of an upright crop around landmarks (three coordinates each) to their image.",
    .inputs = "landmarks",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<LandmarksToTransformMatrix>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
