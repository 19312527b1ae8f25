// onnx.roi_align: regions of an image, brought to one size by interpolated samples.
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

struct RoiAlign {
  bool maximum = false, half_pixel = true;
  std::int64_t output_height = 1, output_width = 1, sampling_ratio = 0;
  float spatial_scale = 1.0F;
};
constexpr std::array attributes{
    attr<&RoiAlign::maximum>("maximum", "of the samples in a cell; else their mean"),
    attr<&RoiAlign::half_pixel>("half_pixel", "places are centres of pixels"),
    attr<&RoiAlign::output_height>("output_height", "cells"),
    attr<&RoiAlign::output_width>("output_width", "cells"),
    attr<&RoiAlign::sampling_ratio>("sampling_ratio", "samples of a cell along an axis; 0: as many as pixels"),
    attr<&RoiAlign::spatial_scale>("spatial_scale", "pixels of the input per unit of the regions")};

// roi_align_c1: x is [n,c,h,w], regions [r,4], their images [r]; c2: sizes are positive.
Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<RoiAlign>();
  const Shape &x = c.shape(0), &rois = c.shape(1), &images = c.shape(2);
  if ((x.ranked() && x.rank() != 4) || (rois.ranked() && (rois.rank() != 2 || (rois[1] >= 0 && rois[1] != 4))) ||
      (images.ranked() && (images.rank() != 1 || (rois.ranked() && images[0] >= 0 && rois[0] >= 0 && images[0] != rois[0]))))
    return constraint("roi_align_c1",
                      "regions " + rois.to_string() + " of images " + images.to_string() + " do not fit " + x.to_string());
  if (!sensible_dim(a.output_height) || !sensible_dim(a.output_width) || a.sampling_ratio < 0 || a.sampling_ratio > 65536)
    return constraint("roi_align_c2", "a size is out of range", Cause::invalid_attribute);
  return Types{
      TensorType(DType::float32, Shape{rois.ranked() ? rois[0] : -1, x.ranked() ? x[1] : -1, a.output_height, a.output_width})};
}

/// The corners around a place and what each counts.
struct Corners {
  std::array<std::int64_t, 4> at{};
  std::array<float, 4> weight{};
};
Corners corners(float y, float x, std::int64_t height, std::int64_t width) noexcept {
  if (!(y >= -1.0F && y <= static_cast<float>(height) && x >= -1.0F && x <= static_cast<float>(width))) return {};
  const auto split = [](float v, std::int64_t size, std::int64_t& low, std::int64_t& high) {
    v = std::max(v, 0.0F);
    low = static_cast<std::int64_t>(v);
    if (low >= size - 1) {
      low = high = size - 1;
      return 0.0F;
    }
    high = low + 1;
    return v - static_cast<float>(low);
  };
  std::int64_t y0 = 0, y1 = 0, x0 = 0, x1 = 0;
  const float fy = split(y, height, y0, y1), fx = split(x, width, x0, x1);
  return {{y0 * width + x0, y0 * width + x1, y1 * width + x0, y1 * width + x1},
          {(1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx}};
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<RoiAlign>();
  const Shape& shape = args.inputs[0].shape();
  const std::int64_t channels = shape[1], height = shape[2], width = shape[3];
  float* out = args.out<float>();
  std::fill_n(out, args.outputs[0].elements(), 0.0F);
  if (height * width == 0) return;
  const float offset = a.half_pixel ? 0.5F : 0.0F;
  for (std::int64_t r = 0; r < args.inputs[1].dim(0); ++r) {
    const float* roi = args.in<float>(1) + 4 * r;
    const std::int64_t image = args.in<std::int64_t>(2)[r];
    if (image < 0 || image >= shape[0]) return fail_index(args, "onnx.roi_align", image, shape[0]);
    const float left = roi[0] * a.spatial_scale - offset, top = roi[1] * a.spatial_scale - offset;
    float roi_width = roi[2] * a.spatial_scale - offset - left, roi_height = roi[3] * a.spatial_scale - offset - top;
    if (!a.half_pixel) {
      roi_width = std::max(roi_width, 1.0F);
      roi_height = std::max(roi_height, 1.0F);
    }
    const float cell_height = roi_height / static_cast<float>(a.output_height),
                cell_width = roi_width / static_cast<float>(a.output_width);
    const auto samples = [&](float cell) {
      return a.sampling_ratio > 0 ? a.sampling_ratio : static_cast<std::int64_t>(std::clamp(std::ceil(cell), 0.0F, 65536.0F));
    };
    const std::int64_t rows = samples(cell_height), columns = samples(cell_width),
                       count = std::max<std::int64_t>(rows * columns, 1);
    for (std::int64_t c = 0; c < channels; ++c) {
      const float* in = args.in<float>(0) + (image * channels + c) * height * width;
      for (std::int64_t py = 0; py < a.output_height; ++py)
        for (std::int64_t px = 0; px < a.output_width; ++px) {
          float result = 0;
          bool first = true;
          for (std::int64_t iy = 0; iy < rows; ++iy)
            for (std::int64_t ix = 0; ix < columns; ++ix) {
              const float y = top + static_cast<float>(py) * cell_height +
                              (static_cast<float>(iy) + 0.5F) * cell_height / static_cast<float>(rows);
              const float x = left + static_cast<float>(px) * cell_width +
                              (static_cast<float>(ix) + 0.5F) * cell_width / static_cast<float>(columns);
              const Corners k = corners(y, x, height, width);
              float sum = 0, most = 0;
              for (std::size_t i = 0; i < 4; ++i) {
                const float part = k.weight[i] * in[k.at[i]];
                sum += part;
                most = i == 0 ? part : std::max(most, part);
              }
              // ONNX Runtime and ONNX take the largest of the weighted corners, not of the samples.
              if (!a.maximum)
                result += sum;
              else
                result = first ? most : std::max(result, most);
              first = false;
            }
          *out++ = a.maximum ? result : result / static_cast<float>(count);
        }
    }
  }
}

constexpr std::array kernels{kernel(DType::float32, run)};

}  // namespace

extern constexpr OpDef roi_align{
    .name = "onnx.roi_align",
    .help =
        "Each region of an image as a grid of cells, a cell being the mean or maximum of interpolated samples. ONNX's RoiAlign.",
    .inputs = "input rois images",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<RoiAlign>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops::onnx
