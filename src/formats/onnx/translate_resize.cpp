// Resize and its elders, and sampling at given places.
#include <algorithm>
#include <cctype>

#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {

/// Resize 10 has no roi and knows one convention; from 11 on operands are x, roi, scales, sizes.
Result<Outputs> lower_resize(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (!x) return refuse(n, Cause::dangling_reference, "Resize lacks its input");
  const bool old = n.version() < 11;
  std::string coordinates = old ? "asymmetric" : n.text("coordinate_transformation_mode", "half_pixel");
  if (coordinates == "half_pixel_symmetric" && n.version() < 19) coordinates = "half_pixel";
  Attributes a{{"mode", n.text("mode", "nearest")},
               {"coordinates", coordinates},
               {"nearest", old ? std::string("floor") : n.text("nearest_mode", "round_prefer_floor")},
               {"aspect", n.text("keep_aspect_ratio_policy", "stretch")},
               {"cubic_coeff_a", n.number("cubic_coeff_a", -0.75)},
               {"extrapolation_value", n.number("extrapolation_value")},
               {"exclude_outside", n.integer("exclude_outside")},
               {"antialias", n.integer("antialias")},
               {"axes", n.integers("axes")}};
  const auto empty = [](const Value& v) { return v && v.type().shape.elements() == 0; };
  const Value roi = old ? Value{} : n.input(1), scales = n.input(old ? 1 : 2), sizes = old ? Value{} : n.input(3);
  const bool interpolated = n.text("mode", "nearest") != "nearest" && is_float(x.type().dtype());
  const Value source = stored(g, x);
  std::vector<Value> inputs{interpolated ? widened(g, source) : source, empty(roi) ? Value{} : roi,
                            empty(scales) ? Value{} : cast(g, scales, DType::float32), empty(sizes) ? Value{} : sizes};
  while (!inputs.back()) inputs.pop_back();
  const Value y = g.add("onnx.resize", std::move(inputs), std::move(a));
  if (!interpolated) return Outputs(y);
  return narrowed(g, y, x.type().dtype());
}

/// Upsample 1 has height_scale and width_scale, 7 a list, 9 an operand.
Result<Outputs> lower_upsample(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (!x) return refuse(n, Cause::dangling_reference, "Upsample lacks its input");
  Value scales = n.input(1);
  if (!scales) {
    std::vector<double> list;
    for (float s : n.floats("scales")) list.push_back(static_cast<double>(s));
    if (list.empty() && n.attribute("height_scale"))
      list = {1.0, 1.0, n.number("height_scale", 1.0), n.number("width_scale", 1.0)};
    if (list.empty()) return refuse(n, Cause::missing_attribute, "Upsample lacks its scales");
    scales = constant(g, DType::float32, list);
  }
  const std::string mode = n.text("mode", "nearest");
  const Attributes a{{"mode", mode == "nearest" ? mode : std::string("linear")},
                     {"coordinates", std::string("asymmetric")},
                     {"nearest", std::string("floor")}};
  const Value source = stored(g, x);
  return narrowed(g, g.add("onnx.resize", {widened(g, source), Value{}, scales}, a), x.type().dtype());
}

Result<Outputs> lower_grid_sample(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0), grid = n.input(1);
  if (!x || !grid) return refuse(n, Cause::dangling_reference, "GridSample lacks an operand");
  std::string mode = n.text("mode", n.version() < 20 ? "bilinear" : "linear");
  if (mode == "bilinear") mode = "linear";
  if (mode == "bicubic") mode = "cubic";
  return Outputs(
      add_wide(g, "onnx.grid_sample", {x, grid},
               {{"mode", mode}, {"padding", n.text("padding_mode", "zeros")}, {"align_corners", n.integer("align_corners")}}));
}

/// Before opset 16 places were not moved by half a pixel.
Result<Outputs> lower_roi_align(const SourceNode& n, GraphBuilder& g) {
  if (!given(n, 0) || !given(n, 1) || !given(n, 2)) return refuse(n, Cause::dangling_reference, "RoiAlign lacks an operand");
  const bool half =
      n.text("coordinate_transformation_mode", n.version() < 16 ? "output_half_pixel" : "half_pixel") == "half_pixel";
  return Outputs(add_wide(g, "onnx.roi_align", {n.input(0), n.input(1), cast(g, n.input(2), DType::int64)},
                          {{"maximum", std::int64_t{n.text("mode", "avg") == "max"}},
                           {"output_height", n.integer("output_height", 1)},
                           {"output_width", n.integer("output_width", 1)},
                           {"sampling_ratio", n.integer("sampling_ratio")},
                           {"spatial_scale", n.number("spatial_scale", 1.0)},
                           {"half_pixel", std::int64_t{half}}}));
}

}  // namespace qgraph::formats::onnx
