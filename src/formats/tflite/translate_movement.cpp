// TensorFlow Lite's ops that move elements, where operands or options do not correspond one to one.
#include "formats/tflite/translate.hpp"

namespace qgraph::formats::tflite {
namespace {

std::vector<TensorType> declared_outputs(const SourceNode& n) {
  std::vector<TensorType> types;
  for (std::size_t i = 0; i < n.output_count(); ++i) types.push_back(n.output_type(i));
  return types;
}

}  // namespace

/// The shape operand counts if it is a vector of int32, else the options do; there [0] is how old converters wrote a scalar.
Result<Outputs> lower_reshape(const SourceNode& n, GraphBuilder& g) {
  const Value shape = n.input(1);
  if (shape && shape.type().storage() == DType::int32 && shape.type().shape.ranked() && shape.type().shape.rank() == 1)
    return g.add("reshape", {n.input(0), shape}, {}, declared_outputs(n));
  std::vector<std::int64_t> target = n.integers("new_shape");
  if (target.size() == 1 && target[0] == 0) target.clear();
  return g.add("reshape", {n.input(0)}, {{"shape", std::move(target)}}, declared_outputs(n));
}

Result<Outputs> lower_squeeze(const SourceNode& n, GraphBuilder& g) {
  return g.add("squeeze", {n.input(0)}, {{"axes", n.integers("squeeze_dims")}}, declared_outputs(n));
}

/// SPLIT has the axis first; SPLIT_V corresponds one to one.
Result<Outputs> lower_split(const SourceNode& n, GraphBuilder& g) {
  return g.add("split", {n.input(1), Value{}, n.input(0)}, {}, declared_outputs(n));
}

/// Files without the option say by the output's type which integers they want.
Result<Outputs> lower_shape(const SourceNode& n, GraphBuilder& g) {
  const bool wide = n.text("out_type") == "INT64" || n.output_type(0).storage() == DType::int64;
  return g.add("shape", {n.input(0)}, {{"out_type", std::string(wide ? "int64" : "int32")}}, declared_outputs(n));
}

Result<Outputs> lower_mirror_pad(const SourceNode& n, GraphBuilder& g) {
  const std::string mode = n.text("mode", "REFLECT") == "SYMMETRIC" ? "symmetric" : "reflect";
  return g.add("pad", {n.input(0), n.input(1)}, {{"mode", mode}}, declared_outputs(n));
}

Result<Outputs> lower_resize(const SourceNode& n, GraphBuilder& g) {
  const bool align = n.integer("align_corners") != 0, half = n.integer("half_pixel_centers") != 0;
  const std::string coordinates = align  ? (half ? "align_corners_half_pixel" : "align_corners")
                                  : half ? "half_pixel"
                                         : "asymmetric";
  const std::string_view op = n.op() == "RESIZE_BILINEAR" ? "resize_bilinear" : "resize_nearest_neighbor";
  return g.add(op, {n.input(0), n.input(1)}, {{"coordinates", coordinates}}, declared_outputs(n));
}

Result<Outputs> lower_unsorted_segment(const SourceNode& n, GraphBuilder& g) {
  const std::string_view word = n.op().substr(n.op().rfind('_') + 1);
  const std::string reduction = word == "SUM" ? "sum" : word == "PROD" ? "prod" : word == "MAX" ? "max" : "min";
  return g.add("unsorted_segment", {n.input(0), n.input(1), n.input(2)}, {{"reduction", reduction}}, declared_outputs(n));
}

}  // namespace qgraph::formats::tflite
