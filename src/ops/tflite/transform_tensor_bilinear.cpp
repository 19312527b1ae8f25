// tflite.transform_tensor_bilinear: an image sampled through a 4x4 matrix, zeros outside. MediaPipe's custom ops TransformTensor
// (version 1) and TransformTensorBilinear (version 2, where centres of pixels are mapped).
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::tflite {
namespace {

struct TransformTensorBilinear {
  std::int64_t output_height = 0, output_width = 0;
  bool pixel_centers = true;
};
constexpr std::array attributes{
    attr<&TransformTensorBilinear::output_height>("output_height", "rows of the output"),
    attr<&TransformTensorBilinear::output_width>("output_width", "columns of the output"),
    attr<&TransformTensorBilinear::pixel_centers>("pixel_centers", "the matrix maps centres of pixels, not their corners"),
};

Result<Types> infer(const InferContext& c) {
  const TransformTensorBilinear& a = c.attributes<TransformTensorBilinear>();
  const Shape& in = c.shape(0);
  if (!sensible_dim(a.output_height) || !sensible_dim(a.output_width))
    return constraint("transform_tensor_bilinear_c1", "the output size is none", Cause::invalid_attribute);
  if (in.ranked() && (in.rank() != 4 || in[0] > 1))
    return constraint("transform_tensor_bilinear_c2", in.to_string() + " is not one image");
  if (c.shape(1).is_static() && c.shape(1).elements().value_or(0) < 8)
    return constraint("transform_tensor_bilinear_c3", "the matrix " + c.shape(1).to_string() + " is not 4x4");
  return Types{{DType::float32, Shape{1, a.output_height, a.output_width, in.ranked() ? in[3] : Shape::dynamic}}};
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const float* m = args.in<const float>(1);
  float shift_x = m[3], shift_y = m[7];
  if (args.attributes<TransformTensorBilinear>().pixel_centers) {
    const auto center = [](float shift, float a, float b) {
      return static_cast<float>(static_cast<double>(shift) + (static_cast<double>(a) * 0.5 + static_cast<double>(b) * 0.5 - 0.5));
    };
    shift_x = center(shift_x, m[0], m[1]);
    shift_y = center(shift_y, m[4], m[5]);
  }
  const std::int64_t height = in.dim(1), width = in.dim(2), depth = in.dim(3);
  std::int64_t at = 0;
  for (std::int64_t row = 0; row < out.dim(1); ++row)
    for (std::int64_t column = 0; column < out.dim(2); ++column) {
      const auto u = static_cast<float>(column), v = static_cast<float>(row);
      const float x = m[0] * u + m[1] * v + m[2] * 0.0F + shift_x * 1.0F, y = m[4] * u + m[5] * v + m[6] * 0.0F + shift_y * 1.0F;
      const bool inside = x >= 0.0F && x <= static_cast<float>(width - 1) && y >= 0.0F && y <= static_cast<float>(height - 1);
      const auto x0 = inside ? static_cast<std::int64_t>(std::floor(x)) : 0,
                 y0 = inside ? static_cast<std::int64_t>(std::floor(y)) : 0;
      const double right = static_cast<double>(static_cast<float>(x - std::floor(x))),
                   below = static_cast<double>(static_cast<float>(y - std::floor(y)));
      for (std::int64_t channel = 0; channel < depth; ++channel, ++at) {
        const auto pixel = [&](std::int64_t r, std::int64_t k) {
          return r >= height || k >= width ? 0.0 : static_cast<double>(in.as<const float>()[(r * width + k) * depth + channel]);
        };
        float result = 0.0F;
        if (inside) {
          const auto mix = [](double share, double first, double second) {
            return static_cast<float>((1.0 - share) * first +
                                      static_cast<double>(static_cast<float>(share) * static_cast<float>(second)));
          };
          const float upper = mix(right, pixel(y0, x0), pixel(y0, x0 + 1)),
                      lower = mix(right, pixel(y0 + 1, x0), pixel(y0 + 1, x0 + 1));
          result = static_cast<float>(static_cast<double>(static_cast<float>(below) * lower) +
                                      (1.0 - below) * static_cast<double>(upper));
        }
        out.as<float>()[at] = result;
      }
    }
}

constexpr std::array kernels{kernel(DType::float32, run)};
}  // namespace

extern constexpr OpDef transform_tensor_bilinear{
    .name = "tflite.transform_tensor_bilinear",
    .help = "An image whose pixels are sampled bilinearly where a matrix maps their places in the input.",
    .inputs = "input matrix",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<TransformTensorBilinear>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
