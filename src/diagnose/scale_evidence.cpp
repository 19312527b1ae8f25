// Scales that follow from other scales: bias = input * weights, read in all three directions; ops that keep what they move;
// outputs with prescribed parameters; ranges of reals.
#include "diagnose/scale_evidence.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>

#include "core/number_lists.hpp"
#include "diagnose/words.hpp"
#include "source/operand_site.hpp"

namespace qgraph::diagnose {
namespace {

using source::NodeRef;
using source::TensorRef;

std::string lower_case(std::string_view text) {
  std::string s(text);
  for (char& c : s) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return s;
}

bool is_dequantize(const source::SourceNode& node) {
  return node.op == "DEQUANTIZE" || node.op == "DequantizeLinear" || node.op == "dequantize";
}

/// The float whose product with `factor`, rounded, is `product`: the quotient, or a neighbour of it.
float exact_quotient(double product, double factor) {
  const auto q = static_cast<float>(product / factor), wanted = static_cast<float>(product), f = static_cast<float>(factor);
  for (const float x : {q, std::nextafter(q, 0.0F), std::nextafter(q, INFINITY)})
    if (x * f == wanted) return x;
  return q;
}

}  // namespace

DType stored_dtype(const source::Model& m, const source::Uses& uses, TensorRef t) {
  if (m[t].dtype != DType::unknown) return m[t].dtype;
  const source::QuantizationSite* s = source::site_of(m, uses, t);
  return s ? s->zero_points.dtype : DType::unknown;
}

namespace {

/// The tensor's own zero point where it has one in range, else what follows from its maker.
std::optional<std::int64_t> zero_point_of(const source::Model& m, const source::Uses& uses, TensorRef t) {
  const DType dtype = stored_dtype(m, uses, t);
  const IntegerRange range = integer_range(dtype);
  if (const source::QuantizationSite* s = source::site_of(m, uses, t);
      s && s->zero_points.known && !s->zero_points.values.empty()) {
    const double z = s->zero_points.values[0];
    if (z >= static_cast<double>(range.min) && z <= static_cast<double>(range.max)) return static_cast<std::int64_t>(z);
  }
  if (dtype == DType::int16) return 0;
  const NodeRef producer = uses.producer(t);
  if (producer && cuts_at_zero(m, producer)) return range.min;
  return std::nullopt;
}

int channel_axis(const source::Model& m, NodeRef node, std::size_t scales) {
  if (scales == 1) return -1;
  return lower_case(m[node].op).find("depthwise") != std::string::npos ? 3 : 0;
}

Quantization per_channel(std::vector<float> scales, int axis) {
  Quantization q{.scales = std::move(scales), .zero_points = {}, .axis = axis};
  q.zero_points.assign(q.scales.size(), 0);
  return q;
}

/// Every channel bounds the input's scale a little differently: the float that reproduces most of the bias scales.
std::optional<float> input_scale(std::span<const double> bias, std::span<const double> weights) {
  const double ratio = bias[0] / weights[0];
  for (std::size_t i = 0; i < bias.size(); ++i)
    if (std::abs(bias[i] / weights[i] / ratio - 1) > 1e-4) return std::nullopt;
  float best = 0;
  std::ptrdiff_t most = -1;
  for (std::size_t i = 0; i < std::min<std::size_t>(bias.size(), 16); ++i) {
    const float x = exact_quotient(bias[i], weights[i]);
    std::ptrdiff_t hits = 0;
    for (std::size_t k = 0; k < bias.size(); ++k) hits += x * static_cast<float>(weights[k]) == static_cast<float>(bias[k]);
    if (hits > most) {
      most = hits;
      best = x;
    }
  }
  return best;
}

std::optional<Guess> as_part_of(const source::Model& m, const source::Uses& uses, NodeRef node, TensorRef t) {
  const auto rule = product_rule(m, uses, node);
  if (!rule) return std::nullopt;
  const std::span<const double> input = rule->input.scales, weights = rule->weights.scales, bias = rule->bias.scales;
  const std::string owner = in_quotes(m.display_name(node));
  if (t == rule->bias.stored && input.size() == 1 && !weights.empty()) {
    std::vector<float> scales;
    for (const double w : weights) scales.push_back(static_cast<float>(input[0]) * static_cast<float>(w));
    const int axis = scales.size() == 1 ? -1 : 0;
    return Guess{per_channel(std::move(scales), axis), Confidence::safe, "bias-scale-from-product",
                 "input scale * weight scale of " + owner};
  }
  const bool symmetric = is_signed(stored_dtype(m, uses, t));
  const source::QuantizationSite* own = rule->weights.site;
  const bool own_zero = own && own->zero_points.values.size() == bias.size() && own->zero_points.known;
  if (t == rule->weights.stored && (symmetric || own_zero) && input.size() == 1 && !bias.empty()) {
    std::vector<float> scales;
    for (const double b : bias) scales.push_back(exact_quotient(b, input[0]));
    // TensorFlow Lite's axis follows from the op, ONNX's is the node's.
    const bool own_axis = m.format != "tflite" && rule->weights.site && rule->weights.site->axis >= 0;
    const int axis = scales.size() == 1 ? -1 : own_axis ? rule->weights.site->axis : channel_axis(m, node, scales.size());
    Guess g{per_channel(std::move(scales), axis), Confidence::likely, "weight-scale-from-bias",
            "bias scale / input scale of " + owner};
    if (own_zero) g.quantization.zero_points = quantization_of(*own).zero_points;
    return g;
  }
  if (t != rule->input.stored || weights.empty() || bias.size() != weights.size()) return std::nullopt;
  const auto zero_point = zero_point_of(m, uses, t);
  const auto scale = input_scale(bias, weights);
  if (!zero_point || !scale) return std::nullopt;
  return Guess{Quantization{.scales = {*scale}, .zero_points = {*zero_point}, .axis = -1}, Confidence::likely,
               "input-scale-from-bias", "bias scale / weight scale of " + owner};
}

/// The parameters of `from`, which an op moves into or out of the tensor unchanged.
std::optional<Guess> kept(const source::Model& m, const source::Uses& uses, NodeRef node, TensorRef from) {
  const source::QuantizationSite* s =
      keeps_parameters(m, node) && from && !from.dangling() ? source::site_of(m, uses, from) : nullptr;
  if (!s || s->scales.values.size() != 1 || !sound_scale(s->scales.values[0])) return std::nullopt;
  Guess g{quantization_of(*s), Confidence::likely, "scale-of-what-is-moved",
          fmt::format("{} keeps the parameters of {}", node_text(m, node), in_quotes(m.display_name(from)))};
  g.quantization.axis = -1;
  return g;
}

/// From the range of reals that older converters wrote beside the tensor.
std::optional<Guess> from_range(const source::Model& m, const source::Uses& uses, TensorRef t) {
  const source::QuantizationSite* s = source::site_of(m, uses, t);
  if (!s || s->min.values.size() != 1 || s->max.values.size() != 1 || bits(m[t].dtype) != 8) return std::nullopt;
  const double low = s->min.values[0], high = s->max.values[0];
  if (!std::isfinite(low) || !std::isfinite(high) || low > 0 || high <= low) return std::nullopt;
  const IntegerRange range = integer_range(m[t].dtype);
  const double scale = (high - low) / 255;
  const auto zero = std::clamp(std::llround(static_cast<double>(range.min) - low / scale), static_cast<long long>(range.min),
                               static_cast<long long>(range.max));
  return Guess{Quantization{.scales = {static_cast<float>(scale)}, .zero_points = {zero}, .axis = -1}, Confidence::likely,
               "scale-from-range", fmt::format("the range {} to {} beside it", number_text(low), number_text(high))};
}

std::optional<Guess> from_prescription(const source::Model& m, const source::Uses& uses, TensorRef t) {
  const NodeRef producer = uses.producer(t);
  const auto p = producer ? prescribed_output(m, producer, m[t].dtype) : std::nullopt;
  if (!p) return std::nullopt;
  return Guess{Quantization{.scales = {static_cast<float>(p->scale)}, .zero_points = {p->zero_point}, .axis = -1},
               Confidence::likely, "prescribed-scale", fmt::format("every {} has it", m[producer].op)};
}

}  // namespace

bool sound_scale(double scale) { return std::isfinite(scale) && scale >= static_cast<double>(std::numeric_limits<float>::min()); }

bool sound_scales(std::span<const double> scales) {
  return all_within(scales, static_cast<double>(std::numeric_limits<float>::min()), std::numeric_limits<double>::max());
}

bool is_product(const ProductRule& rule, double tolerance) {
  const std::span<const double> weights = rule.weights.scales, bias = rule.bias.scales;
  if (rule.input.scales.size() != 1 || weights.empty() || bias.size() != weights.size()) return false;
  const double input = rule.input.scales[0];
  std::size_t off = 0;  // counted, not sought: that is done many channels at a time
  for (std::size_t i = 0; i < bias.size(); ++i) {
    const double product = input * weights[i];
    off += std::fabs(bias[i] - product) <= tolerance * product ? 0U : 1U;
  }
  return off == 0;
}

bool cuts_at_zero(const source::Model& m, NodeRef node) {
  for (const std::string_view key : {"fused_activation_function", "activation"})
    if (const auto v = m.attribute(m[node], key))
      if (const auto* word = std::get_if<std::string>(&*v)) {
        const std::string w = lower_case(*word);
        return w == "relu" || w == "relu6" || w == "relu_0_to_1";
      }
  const std::string op = lower_case(m[node].op);
  return op == "relu" || op == "relu6" || op == "logistic" || op == "softmax";
}

bool keeps_parameters(const source::Model& m, NodeRef node) {
  const OpRow* row = row_of(m, m[node]);
  const OpDef* op = row ? canonical_op(*row) : nullptr;
  return op && (op->moves_bytes || op->name == "max_pool_2d" || op->name == "average_pool_2d");
}

std::optional<Prescribed> prescribed_output(const source::Model& m, NodeRef node, DType stored) {
  if (m.format != "tflite") return std::nullopt;
  struct Row {
    std::string_view op;
    DType dtype;
    Prescribed value;
  };
  // tensorflow/lite/g3doc/performance/quantization_spec
  static constexpr std::array rows{Row{"SOFTMAX", DType::int8, {1.0 / 256, -128}},
                                   Row{"SOFTMAX", DType::uint8, {1.0 / 256, 0}},
                                   Row{"SOFTMAX", DType::int16, {1.0 / 32768, 0}},
                                   Row{"LOGISTIC", DType::int8, {1.0 / 256, -128}},
                                   Row{"LOGISTIC", DType::uint8, {1.0 / 256, 0}},
                                   Row{"LOGISTIC", DType::int16, {1.0 / 32768, 0}},
                                   Row{"TANH", DType::int8, {1.0 / 128, 0}},
                                   Row{"TANH", DType::uint8, {1.0 / 128, 128}},
                                   Row{"TANH", DType::int16, {1.0 / 32768, 0}},
                                   Row{"LOG_SOFTMAX", DType::int8, {16.0 / 256, 127}},
                                   Row{"LOG_SOFTMAX", DType::uint8, {16.0 / 256, 255}},
                                   Row{"L2_NORMALIZATION", DType::int8, {1.0 / 128, 0}},
                                   Row{"L2_NORMALIZATION", DType::uint8, {1.0 / 128, 128}}};
  // TensorFlow Lite Micro has a softmax from 8 to 16 bits, at parameters of its own.
  const TensorRef in = m[node].inputs.empty() ? source::no_tensor : m[node].inputs[0];
  if (stored == DType::int16 && in && !in.dangling() && m[in].dtype != stored) return std::nullopt;
  for (const Row& r : rows)
    if (r.op == m[node].op && r.dtype == stored) return r.value;
  return std::nullopt;
}

std::vector<NodeRef> readers_of(const source::Model& m, const source::Uses& uses, TensorRef stored) {
  std::vector<NodeRef> readers;
  for (const auto& use : uses.consumers(stored)) {
    if (!is_dequantize(m[use.node]) || m[use.node].outputs.empty()) {
      readers.push_back(use.node);
      continue;
    }
    for (const auto& behind : uses.consumers(m[use.node].outputs[0])) readers.push_back(behind.node);
  }
  return readers;
}

namespace {

Part part_of(const source::Model& m, const source::Uses& uses, NodeRef node, const OpRow& row, std::string_view role,
             bool scales = true) {
  Part p;
  p.stored = operand(m, m[node], row, role);
  if (p.stored.dangling()) p.stored = source::no_tensor;
  if (!p.stored) return p;
  p.site = source::site_of_operand(m, uses, node, p.stored);
  if (const NodeRef maker = uses.producer(p.stored); maker && is_dequantize(m[maker]) && !m[maker].inputs.empty())
    p.stored = m[maker].inputs[0];
  if (scales && p.site && p.site->scales.known && p.site->block_size == 0 && sound_scales(p.site->scales.values))
    p.scales = p.site->scales.values;
  return p;
}

}  // namespace

Part weights_of(const source::Model& m, const source::Uses& uses, NodeRef node) {
  const OpRow* row = row_of(m, m[node]);
  if (!row) return {};
  if (operand_position(row->operands, "weights")) return part_of(m, uses, node, *row, "weights");
  // A matrix product whose second operand is constant.
  if (m[node].op != "MatMul" && m[node].op != "MatMulInteger" && m[node].op != "QLinearMatMul") return {};
  return part_of(m, uses, node, *row, "y");
}

std::optional<ProductRule> product_rule(const source::Model& m, const source::Uses& uses, NodeRef node, bool scales) {
  const OpRow* row = row_of(m, m[node]);
  if (!row || !operand_position(row->operands, "weights") || !operand_position(row->operands, "bias")) return std::nullopt;
  const auto part = [&](std::string_view role) { return part_of(m, uses, node, *row, role, scales); };
  ProductRule rule{.node = node, .input = part("input"), .weights = part("weights"), .bias = part("bias")};
  if (!rule.input.stored || !rule.weights.stored || !rule.bias.stored) return std::nullopt;
  if (is_float(m[rule.input.stored].dtype)) return std::nullopt;  // a hybrid op: the bias is of reals
  return rule;
}

Quantization quantization_of(const source::QuantizationSite& site) {
  Quantization q{.axis = site.axis, .block_size = site.block_size};
  for (const double v : site.scales.values) q.scales.push_back(static_cast<float>(v));
  for (const double v : site.zero_points.values) q.zero_points.push_back(std::isfinite(v) ? std::llround(v) : 0);
  return q;
}

std::vector<source::Edit> set_parameters(const source::Model& model, TensorRef stored, const Quantization& quantization) {
  std::vector<source::Edit> edits;
  for (std::size_t i = 0; i < model.sites.size(); ++i)
    if (model.sites[i].stored == stored) edits.push_back(source::SetQuantization{i, stored, quantization});
  if (edits.empty()) edits.push_back(source::SetQuantization{model.sites.size(), stored, quantization});
  return edits;
}

bool has_parameters(const source::Model& model, const source::Uses& uses, TensorRef tensor) {
  return std::ranges::any_of(uses.sites(tensor), [&](std::uint32_t i) {
    const source::QuantizationSite& s = model.sites[i];
    return s.where != source::Where::tensor || !s.scales.values.empty() || !s.details.empty();
  });
}

const OpDef* canonical_op(const OpRow& row) { return row.to.empty() ? find_op(lower_case(row.op)) : find_op(row.to); }

std::size_t site_to_set(const source::Model& model, TensorRef tensor) {
  for (std::size_t i = 0; i < model.sites.size(); ++i)
    if (model.sites[i].stored == tensor && model.sites[i].where == source::Where::tensor) return i;
  return model.sites.size();
}

std::string Guess::describe(std::string_view tensor) const {
  return fmt::format("give {} {}", in_quotes(tensor),
                     quantization.scales.size() == 1
                         ? fmt::format("scale {}, zero point {}", quantization.scales[0], quantization.zero_point())
                         : fmt::format("{} scales along axis {}", quantization.scales.size(), quantization.axis));
}

std::optional<Guess> guess_parameters(const source::Model& model, const source::Uses& uses, TensorRef tensor) {
  for (const NodeRef node : readers_of(model, uses, tensor)) {
    if (auto g = as_part_of(model, uses, node, tensor)) return g;
    if (model[node].outputs.empty()) continue;
    if (auto g = kept(model, uses, node, model[node].outputs[0])) return g;
  }
  if (auto g = from_prescription(model, uses, tensor)) return g;
  if (auto g = from_range(model, uses, tensor)) return g;
  if (const NodeRef producer = uses.producer(tensor); producer && !model[producer].inputs.empty())
    return kept(model, uses, producer, model[producer].inputs[0]);
  return std::nullopt;
}

}  // namespace qgraph::diagnose
