// Small steps of which the translations of ONNX ops are made.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/op_row.hpp"

namespace qgraph::formats::onnx {

/// A report of one problem at this node.
Report refuse(const SourceNode& n, Cause cause, std::string headline, std::string why = {});

// What is known while translating

/// Elements of a constant of any integer or float dtype; nothing where the value is not a constant.
std::optional<std::vector<double>> numbers(const Value& v);
std::optional<std::vector<std::int64_t>> integers(const Value& v);
/// The rank; nothing where it is open.
std::optional<std::size_t> rank_of(const Value& v);
/// Is the input there, as a value (an empty name leaves it out)?
inline bool given(const SourceNode& n, std::size_t i) { return i < n.input_count() && n.input(i); }

// Values

/// A scalar, or a list, as a constant of this dtype (float dtypes, integers, boolean).
Value constant(GraphBuilder& g, DType dtype, double value);
Value constant(GraphBuilder& g, DType dtype, const std::vector<double>& values);
Value constant(GraphBuilder& g, const std::vector<std::int64_t>& values);  ///< int64 vector
Value cast(GraphBuilder& g, Value v, DType to);                            ///< v itself where it has the dtype
Value reshape(GraphBuilder& g, Value v, std::vector<std::int64_t> shape);  ///< a -1 takes what is left, a 0 copies
Value transpose(GraphBuilder& g, Value v, std::vector<std::int64_t> perm);

// Quantized values. Between nodes of an ONNX graph integers are plain, as the format has them: `stored` ends, and `quantized_as`
// begins, the view that gives them a scale. A pair that meets cancels.

/// The integers of a quantized value as plain ones.
Value stored(GraphBuilder& g, Value v);
/// Plain integers read with these parameters.
Value quantized_as(GraphBuilder& g, Value v, Quantization q);
/// The value without the `reinterpret` of stored().
Value beneath(GraphBuilder& g, Value v);
/// Scale and zero point operands as a quantization of `of`, or nothing where they are not constants. axis counts from the end
/// where negative, and matters where there is more than one scale.
std::optional<Quantization> parameters(const Value& of, const Value& scale, const Value& zero_point, std::int64_t axis = 0,
                                       std::int64_t block_size = 0);

/// A constant that a dequantize node widens to float32, as the quantized constant it is made of: ops with weights take it so, and
/// unpack it once. Other values as they are.
Value weights_of(GraphBuilder& g, Value v);

// Floats of 16 and 64 bits are computed as float32. As in ONNX Runtime, ops that follow each other pass on the wide values: only
// what an op without arithmetic or an output of the graph reads is rounded.

inline bool narrow_float(DType d) { return is_float(d) && d != DType::float32; }
Value widened(GraphBuilder& g, Value v);  ///< v itself where it is no narrow float
/// What an op computed wide before it was narrowed, else v itself.
Value wide_source(GraphBuilder& g, Value v);
/// The same for an op that moves elements, which passes the wide ones on where it stands alone: behind another, all are narrow.
Value wide_to_move(GraphBuilder& g, Value v);
Outputs narrowed(GraphBuilder& g, Value v, DType to);  ///< v itself where `to` is no narrow float

/// Adds an op whose float operands are float32 and whose first output gets operand 0's float dtype back.
Value add_wide(GraphBuilder& g, std::string_view op, std::initializer_list<Value> inputs, Attributes attributes = {});

}  // namespace qgraph::formats::onnx
