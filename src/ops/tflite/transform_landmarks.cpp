// tflite.transform_landmarks: points mapped by a 4x4 matrix; a third coordinate stays. MediaPipe's custom op TransformLandmarks.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::tflite {
namespace {

struct TransformLandmarks {
  std::int64_t dimensions = 3;
  float scale = 1;
};
constexpr std::array attributes{
    attr<&TransformLandmarks::dimensions>("dimensions", "coordinates of a point: 2 or 3"),
    attr<&TransformLandmarks::scale>("scale", "of the matrix's shift"),
};

Result<Types> infer(const InferContext& c) {
  const std::int64_t n = c.attributes<TransformLandmarks>().dimensions;
  const Shape& in = c.shape(0);
  if (n != 2 && n != 3) return constraint("transform_landmarks_c1", "points have 2 or 3 coordinates", Cause::invalid_attribute);
  if (in.ranked() && (in.rank() == 0 || (in[in.rank() - 1] >= 0 && in[in.rank() - 1] % n != 0)))
    return constraint("transform_landmarks_c2", in.to_string() + " are no points of " + std::to_string(n) + " coordinates");
  if (c.shape(1).is_static() && c.shape(1).elements().value_or(0) < 8)
    return constraint("transform_landmarks_c3", "the matrix " + c.shape(1).to_string() + " is not 4x4");
  return Types{{DType::float32, in}};
}

void run(const KernelArgs& args) noexcept {
  const TransformLandmarks& a = args.attributes<TransformLandmarks>();
  const float *in = args.in<const float>(0), *m = args.in<const float>(1);
  float* out = args.out<float>();
  for (std::int64_t i = 0; i < args.inputs[0].elements(); i += a.dimensions) {
    const float x = in[i], y = in[i + 1];
    out[i] = m[0] * x + m[1] * y + m[2] * 0.0F + m[3] * a.scale * 1.0F;
    out[i + 1] = m[4] * x + m[5] * y + m[6] * 0.0F + m[7] * a.scale * 1.0F;
    if (a.dimensions == 3) out[i + 2] = in[i + 2];
  }
}

constexpr std::array kernels{kernel(DType::float32, run)};
}  // namespace

extern constexpr OpDef transform_landmarks{
    .name = "tflite.transform_landmarks",
    .help = "Points whose first two coordinates are mapped by a matrix.",
    .inputs = "landmarks matrix",
    .attributes = attribute_table<TransformLandmarks>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
