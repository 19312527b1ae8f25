// TensorFlow Lite's custom ops and detection ops, where operands or options do not correspond one to one.
#include <cstring>

#include "formats/tflite/translate.hpp"

namespace qgraph::formats::tflite {
namespace {

/// TfLitePoolParams as MediaPipe's converter stores it: little-endian int32 padding, stride w, h, filter w, h, activation.
std::optional<Attributes> pool_params(std::span<const std::byte> bytes) {
  std::int32_t words[6];
  if (bytes.size() < sizeof(words)) return std::nullopt;
  std::memcpy(words, bytes.data(), sizeof(words));
  constexpr std::string_view activations[] = {"none", "relu", "relu_n1_to_1", "relu6", "tanh", "sign_bit"};
  if ((words[0] != 1 && words[0] != 2) || words[5] < 0 || words[5] > 3) return std::nullopt;
  return Attributes{{"padding", std::string(words[0] == 1 ? "same" : "valid")},
                    {"stride_w", std::int64_t{words[1]}},
                    {"stride_h", std::int64_t{words[2]}},
                    {"filter_width", std::int64_t{words[3]}},
                    {"filter_height", std::int64_t{words[4]}},
                    {"activation", std::string(activations[words[5]])}};
}

Report no_pool_params(const SourceNode& n) {
  return Report{.diagnostics = {n.problem(Cause::invalid_attribute,
                                          "the options hold no pooling parameters (padding, strides, filter, activation)")}};
}

}  // namespace

Result<Outputs> lower_max_pooling_with_argmax(const SourceNode& n, GraphBuilder& g) {
  auto attributes = pool_params(n.raw_options());
  if (!attributes) return no_pool_params(n);
  attributes->set("window_indices", std::int64_t{1});
  return g.add("tflite.max_pool_with_argmax", {n.input(0)}, *std::move(attributes), {n.output_type(0), n.output_type(1)});
}

/// TensorFlow Lite's own op of that purpose has a flexbuffer.
Result<Outputs> lower_max_pool_with_argmax(const SourceNode& n, GraphBuilder& g) {
  const auto size = n.integers("ksize"), strides = n.integers("strides");
  if (size.size() != 4 || strides.size() != 4)
    return Report{.diagnostics = {n.problem(Cause::missing_attribute, "'ksize' and 'strides' are not four numbers each")}};
  if (n.integer("include_batch_in_index") != 0)
    return Report{.diagnostics = {n.problem(Cause::invalid_attribute, "indices that count batches are not understood")}};
  return g.add("tflite.max_pool_with_argmax", {n.input(0)},
               {{"filter_height", size[1]},
                {"filter_width", size[2]},
                {"stride_h", strides[1]},
                {"stride_w", strides[2]},
                {"padding", std::string(n.text("padding") == "SAME" ? "same" : "valid")}},
               {n.output_type(0), n.output_type(1)});
}

Result<Outputs> lower_max_unpooling_2d(const SourceNode& n, GraphBuilder& g) {
  const auto stored = pool_params(n.raw_options());
  if (!stored) return no_pool_params(n);
  Attributes attributes;
  for (const auto& [name, value] : *stored)
    if (name != "activation") attributes.set(name, value);
  return g.add("tflite.max_unpooling_2d", {n.input(0), n.input(1)}, std::move(attributes), {n.output_type(0)});
}

/// Version 1 ("TransformTensor") has its size in one key, version 2 in two.
Result<Outputs> lower_transform_tensor(const SourceNode& n, GraphBuilder& g) {
  const auto size = n.integers("output_size");
  const bool first = size.size() == 2;
  return g.add("tflite.transform_tensor_bilinear", {n.input(0), n.input(1)},
               {{"output_height", first ? size[0] : n.integer("output_height")},
                {"output_width", first ? size[1] : n.integer("output_width")},
                {"pixel_centers", std::int64_t{!first}}},
               {n.output_type(0)});
}

Result<Outputs> lower_transform_landmarks(const SourceNode& n, GraphBuilder& g) {
  const Shape& points = n.input(0).type().shape;
  const std::int64_t last = points.ranked() && points.rank() > 0 ? points[points.rank() - 1] : 3;
  const bool first = n.version() < 2;
  return g.add("tflite.transform_landmarks", {n.input(0), n.input(1)},
               {{"dimensions", first ? n.integer("dimensions", 3) : last}, {"scale", first ? n.number("scale", 1) : 1.0}},
               {n.output_type(0)});
}

Result<Outputs> lower_landmarks_to_transform_matrix(const SourceNode& n, GraphBuilder& g) {
  Attributes a{{"left_rotation_idx", n.integer("left_rotation_idx")}, {"right_rotation_idx", n.integer("right_rotation_idx")}};
  if (n.version() >= 2) {
    a.set("subset_idxs", n.integers("subset_idxs"));
    for (const char* key : {"output_height", "output_width"}) a.set(key, n.integer(key));
    for (const char* key : {"target_rotation_radians", "scale_x", "scale_y"}) a.set(key, n.number(key));
  } else {
    const auto in = n.integers("input_hw"), out = n.integers("output_hw");
    if (in.size() != 2 || out.size() != 2)
      return Report{.diagnostics = {n.problem(Cause::missing_attribute, "'input_hw' and 'output_hw' are not two numbers each")}};
    a.set("version", std::int64_t{1});
    a.set("subset_idxs", n.integers("subset"));
    a.set("input_height", in[0]);
    a.set("input_width", in[1]);
    a.set("output_height", out[0]);
    a.set("output_width", out[1]);
    for (const char* key : {"landmarks_range", "bbox_size_multiplier"}) a.set(key, n.number(key));
  }
  return g.add("tflite.landmarks_to_transform_matrix", {n.input(0)}, std::move(a), {n.output_type(0)});
}

/// The noise estimate is state of the graph.
Result<Outputs> lower_spectral_subtraction(const SourceNode& n, GraphBuilder& g) {
  const std::int64_t channels = n.integer("num_channels");
  if (channels < 1 || channels > 0xFFFF)
    return Report{.diagnostics = {n.problem(Cause::invalid_attribute, "'num_channels' is no number of channels")}};
  Attributes a;
  for (const char* key :
       {"num_channels", "smoothing", "one_minus_smoothing", "alternate_smoothing", "alternate_one_minus_smoothing",
        "min_signal_remaining", "smoothing_bits", "spectral_subtraction_bits", "clamping"})
    a.set(key, n.integer(key));
  const Value noise = g.state(std::string(n.name()) + "/noise", TensorType(DType::uint32, Shape{channels}));
  return g.add("tflite.signal_filter_bank_spectral_subtraction", {n.input(0), noise}, std::move(a),
               {n.output_type(0), n.output_type(1)});
}

/// V5 has the scores between indices and count.
Result<Outputs> lower_soft_non_max_suppression(const SourceNode& n, GraphBuilder& g) {
  std::vector<Value> inputs;
  for (std::size_t i = 0; i < 6; ++i) inputs.push_back(n.input(i));
  const Outputs made =
      g.add("non_max_suppression", std::move(inputs), {}, {n.output_type(0), n.output_type(2), n.output_type(1)});
  if (made.size() < 3) return Outputs{};
  return Outputs{made[0], made[2], made[1]};
}

}  // namespace qgraph::formats::tflite
