// Dtypes of ONNX values, followed back to where they are fixed.
#include "diagnose/onnx_values.hpp"

#include <algorithm>
#include <array>

#include "diagnose/scale_evidence.hpp"

namespace qgraph::diagnose {
namespace {

using source::NodeRef;
using source::TensorRef;

/// Of the ops that a function lowers, so that the table names no canonical op: those whose schema (onnx/defs) has floats alone.
constexpr std::array<std::string_view, 29> floats_alone{"AveragePool",
                                                        "BatchNormalization",
                                                        "Conv",
                                                        "ConvTranspose",
                                                        "Elu",
                                                        "GRU",
                                                        "Gelu",
                                                        "GlobalAveragePool",
                                                        "GlobalMaxPool",
                                                        "GroupNormalization",
                                                        "HardSigmoid",
                                                        "HardSwish",
                                                        "Hardmax",
                                                        "InstanceNormalization",
                                                        "LRN",
                                                        "LSTM",
                                                        "LayerNormalization",
                                                        "LeakyRelu",
                                                        "LogSoftmax",
                                                        "LpNormalization",
                                                        "LpPool",
                                                        "Mish",
                                                        "RMSNormalization",
                                                        "RNN",
                                                        "Selu",
                                                        "Sigmoid",
                                                        "Softmax",
                                                        "Softplus",
                                                        "Tanh"};

/// Ops whose first output has the dtype of their first input.
constexpr std::array<std::string_view, 47> keep_dtype{"Abs",
                                                      "Add",
                                                      "AveragePool",
                                                      "BatchNormalization",
                                                      "Clip",
                                                      "Concat",
                                                      "Conv",
                                                      "ConvTranspose",
                                                      "Div",
                                                      "Elu",
                                                      "Exp",
                                                      "Expand",
                                                      "Flatten",
                                                      "Gather",
                                                      "Gelu",
                                                      "Gemm",
                                                      "GlobalAveragePool",
                                                      "GlobalMaxPool",
                                                      "HardSigmoid",
                                                      "HardSwish",
                                                      "Identity",
                                                      "InstanceNormalization",
                                                      "LayerNormalization",
                                                      "LeakyRelu",
                                                      "LogSoftmax",
                                                      "LpNormalization",
                                                      "LSTM",
                                                      "MatMul",
                                                      "MaxPool",
                                                      "Mul",
                                                      "Neg",
                                                      "PRelu",
                                                      "Pad",
                                                      "Pow",
                                                      "ReduceMean",
                                                      "ReduceSum",
                                                      "Relu",
                                                      "Reshape",
                                                      "Resize",
                                                      "Selu",
                                                      "Sigmoid",
                                                      "Slice",
                                                      "Softmax",
                                                      "Squeeze",
                                                      "Sub",
                                                      "Tanh",
                                                      "Transpose"};

/// What a node makes at output 0, where it alone says so.
std::optional<DType> fixed_by(const source::Model& m, const source::Uses& uses, NodeRef ref, TensorRef made) {
  const source::SourceNode& node = m[ref];
  if (node.op == "DequantizeLinear" && node.inputs.size() > 1 && node.inputs[1] && !node.inputs[1].dangling()) {
    const DType scale = m[node.inputs[1]].dtype;  // half precision only from opset 19 on
    return scale != DType::unknown && (node.version < 19 || scale == DType::float64) && node.domain == "ai.onnx" ? DType::float32
                                                                                                                 : scale;
  }
  if (node.op == "QuantizeLinear") {
    if (m.attribute(node, "output_dtype")) return std::nullopt;
    if (node.inputs.size() <= 2 || !node.inputs[2]) return DType::uint8;
    if (node.inputs[2].dangling()) return DType::unknown;
    const DType zero = m[node.inputs[2]].dtype;
    return can_be_quantized_to(zero) ? zero : DType::unknown;
  }
  for (const std::uint32_t s : uses.sites(made))
    if (m.sites[s].node == ref && m.sites[s].zero_points.tensor && is_integer(m[m.sites[s].zero_points.tensor].dtype))
      return m[m.sites[s].zero_points.tensor].dtype;
  return std::nullopt;
}

}  // namespace

bool can_be_quantized_to(DType dtype) {
  return (is_integer(dtype) && bits(dtype) <= 16) || (is_float(dtype) && bits(dtype) <= 8);
}

bool defined_for_floats(const source::Model& m, const source::SourceNode& node) {
  if (node.domain != "ai.onnx") return false;
  if (std::ranges::find(floats_alone, node.op) != floats_alone.end()) return true;
  const OpRow* row = source::row_of(m, node);
  const OpDef* op = row && !row->to.empty() ? canonical_op(*row) : nullptr;
  if (!op || op->moves_bytes || op->reads_shapes_only || op->bodies != 0) return false;
  bool floats = false;
  for (const KernelDef& k : op->reference) {
    if (k.primary == DType::unknown || is_integer(k.primary) || k.primary == DType::boolean) return false;
    floats = floats || k.primary == DType::float32;
  }
  return floats;
}

std::optional<DType> floats_made(const source::Model& m, const source::Uses& uses, NodeRef ref) {
  const source::SourceNode& node = m[ref];
  if (std::ranges::find(keep_dtype, node.op) == keep_dtype.end() || !(defined_for_floats(m, node) || node.op == "Gemm"))
    return std::nullopt;
  for (const TensorRef operand : node.inputs)
    if (const auto known = dtype_made(m, uses, operand); known && is_float(*known)) return known;
  return std::nullopt;
}

TensorRef behind_dequantize(const source::Model& m, const source::Uses& uses, TensorRef value) {
  const NodeRef maker = value && !value.dangling() ? uses.producer(value) : NodeRef{};
  if (!maker || (m[maker].op != "DequantizeLinear" && m[maker].op != "DEQUANTIZE") || m[maker].inputs.empty()) return value;
  return m[maker].inputs[0];
}

TensorRef behind_quantization(const source::Model& m, const source::Uses& uses, TensorRef value) {
  for (int step = 0; step < 2; ++step) {  // a pair at most
    const NodeRef maker = value && !value.dangling() ? uses.producer(value) : NodeRef{};
    if (!maker || (m[maker].op != "DequantizeLinear" && m[maker].op != "QuantizeLinear") || m[maker].inputs.empty()) break;
    value = m[maker].inputs[0];
  }
  return value;
}

std::optional<DType> dtype_made(const source::Model& m, const source::Uses& uses, TensorRef value) {
  constexpr int most_steps = 64;
  bool through_floats = false, through_product = false;  // products take no integers under 32 bits
  const auto known = [&](DType d) {
    const bool refused = (through_floats && !is_float(d)) || (through_product && is_integer(d) && bits(d) < 32);
    return d == DType::unknown || refused ? std::nullopt : std::optional(d);
  };
  for (int step = 0; step < most_steps; ++step) {
    if (!value || value.dangling()) return std::nullopt;
    const source::SourceTensor& t = m[value];
    const NodeRef maker = uses.producer(value);
    if (!maker) {
      const bool fixed = t.data.exists() || uses.is_graph_input(value);
      return fixed ? known(t.dtype) : std::nullopt;
    }
    const source::SourceNode& node = m[maker];
    if (node.outputs.empty() || node.outputs[0] != value) return std::nullopt;
    if (auto fixed = fixed_by(m, uses, maker, value)) return known(*fixed);
    if (node.domain != "ai.onnx" || node.inputs.empty() || std::ranges::find(keep_dtype, node.op) == keep_dtype.end())
      return std::nullopt;
    through_floats = through_floats || defined_for_floats(m, node);
    through_product = through_product || node.op == "Gemm" || node.op == "MatMul";
    value = node.inputs[0];
  }
  return std::nullopt;
}

}  // namespace qgraph::diagnose
