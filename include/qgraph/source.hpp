// A node as its file stores it: what a handler reads.
#pragma once

#include "qgraph/builder.hpp"

namespace qgraph {

/// A node of the file, whatever its format. Valid during the handler's call.
class QGRAPH_API SourceNode {
 public:
  std::string_view op() const noexcept;
  std::string_view domain() const noexcept;  ///< "tflite", "ai.onnx", "com.microsoft", "qgraph", ...
  std::string_view format() const noexcept;  ///< "tflite", "onnx", "json"
  int version() const noexcept;              ///< op version (TFLite) or opset of its domain (ONNX)
  std::string_view name() const noexcept;    ///< its name, else its first output's
  std::int64_t index() const noexcept;       ///< position in its graph in the file

  std::size_t input_count() const noexcept;
  /// Input by position; absent where left out.
  Value input(std::size_t i) const;
  /// Input by the name in Handler::inputs (by position in TFLite and ONNX, by name in JSON); absent where left out.
  Value input(std::string_view operand) const;
  std::size_t output_count() const noexcept;
  /// What the file declares of output i; dtype unknown where it is silent.
  TensorType output_type(std::size_t i) const;

  /// TFLite: the type of the op's internal value i (Operator.intermediates), whose quantization the op needs; dtype unknown
  /// elsewhere.
  TensorType intermediate_type(std::size_t i) const;

  /// An attribute by name: ONNX's own; in TFLite a field of the options table or a key of the flexbuffer; JSON keys.
  std::optional<AttributeValue> attribute(std::string_view name) const;
  std::vector<std::string> attribute_names() const;
  std::int64_t integer(std::string_view name, std::int64_t fallback = 0) const;
  double number(std::string_view name, double fallback = 0) const;
  std::string text(std::string_view name, std::string_view fallback = {}) const;
  std::vector<float> floats(std::string_view name) const;  ///< a single number gives one; absent gives none
  std::vector<std::int64_t> integers(std::string_view name) const;
  /// TFLite's custom_options as stored; empty elsewhere.
  std::span<const std::byte> raw_options() const noexcept;
  std::vector<GraphId> bodies() const;
  /// What its bodies read of the graphs around them (ONNX): each body takes these as further inputs, behind its own, in this
  /// order. A handler that gives the bodies to a node gives it these as last operands.
  std::vector<Value> captures() const;

  /// A diagnostic with this node as its place.
  Diagnostic problem(Cause cause, std::string headline, std::string why = {}) const;

  struct Impl;  // src/load/lower.hpp
  explicit SourceNode(const Impl& impl) noexcept : impl_(&impl) {}
  const Impl& impl() const noexcept { return *impl_; }

 private:
  const Impl* impl_;
};

/// stride, dilation, padding, groups, activation of a convolution in any format's spelling, as conv_2d takes them.
QGRAPH_API Attributes conv_attributes(const SourceNode& node);

}  // namespace qgraph
