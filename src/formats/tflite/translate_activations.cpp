// Activations, pooling, reductions, quantize: what is not one to one.
#include "formats/tflite/translate.hpp"

namespace qgraph::formats::tflite {

/// Sparse constants are dense once they are loaded.
Result<Outputs> lower_densify(const SourceNode& node, GraphBuilder&) { return Outputs(node.input(0)); }

namespace {

/// Options as TensorFlow's op has them: ksize and strides of five axes, padding, data_format.
Result<Outputs> lower_pool_3d(const SourceNode& node, GraphBuilder& builder, std::string_view to) {
  const auto size = node.integers("ksize"), strides = node.integers("strides");
  const std::string padding = node.text("padding", "VALID"), format = node.text("data_format", "NDHWC");
  if (size.size() != 5 || strides.size() != 5)
    return Report{.diagnostics = {node.problem(Cause::invalid_attribute, "ksize and strides must have five values each")}};
  if (padding != "SAME" && padding != "VALID")
    return Report{
        .diagnostics = {node.problem(Cause::invalid_attribute, "padding must be SAME or VALID, not '" + padding + "'")}};
  if (format != "NDHWC" && format != "NCDHW")
    return Report{
        .diagnostics = {node.problem(Cause::invalid_attribute, "data_format must be NDHWC or NCDHW, not '" + format + "'")}};
  const bool last = format == "NDHWC";
  const std::size_t d = last ? 1 : 2;
  return builder.add(to, {node.input(0)},
                     {{"filter_depth", size[d]},
                      {"filter_height", size[d + 1]},
                      {"filter_width", size[d + 2]},
                      {"stride_d", strides[d]},
                      {"stride_h", strides[d + 1]},
                      {"stride_w", strides[d + 2]},
                      {"padding", std::string(padding == "SAME" ? "same" : "valid")},
                      {"layout", std::string(last ? "nhwc" : "nchw")}});
}

}  // namespace

Result<Outputs> lower_average_pool_3d(const SourceNode& node, GraphBuilder& builder) {
  return lower_pool_3d(node, builder, "average_pool_3d");
}
Result<Outputs> lower_max_pool_3d(const SourceNode& node, GraphBuilder& builder) {
  return lower_pool_3d(node, builder, "max_pool_3d");
}

}  // namespace qgraph::formats::tflite
