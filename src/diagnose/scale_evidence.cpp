// Scales that follow from other scales: bias = input * weights, read in all three directions, and ops that keep what they move.
#include "diagnose/scale_evidence.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "diagnose/words.hpp"

namespace qgraph::diagnose {
namespace {

using source::NodeRef;
using source::TensorRef;

std::string lower_case(std::string_view text) {
  std::string s(text);
  for (char& c : s) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return s;
}

/// The scales beside a tensor, positive and finite; empty: none.
std::vector<double> scales_of(const source::Model& m, const source::Uses& uses, TensorRef t) {
  const source::QuantizationSite* s = t && !t.dangling() ? source::site_of(m, uses, t) : nullptr;
  if (!s || s->block_size != 0) return {};
  const auto sound = [](double x) { return std::isfinite(x) && x > 0; };
  return std::ranges::all_of(s->scales.values, sound) ? s->scales.values : std::vector<double>{};
}

/// The float whose product with `factor`, rounded, is `product`: the quotient, or a neighbour of it.
float exact_quotient(double product, double factor) {
  const auto q = static_cast<float>(product / factor), wanted = static_cast<float>(product), f = static_cast<float>(factor);
  for (const float x : {q, std::nextafter(q, 0.0F), std::nextafter(q, INFINITY)})
    if (x * f == wanted) return x;
  return q;
}

/// Is a fused activation one that cuts off below zero? Then the lowest stored value stands for zero.
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

std::optional<std::int64_t> zero_point_of(const source::Model& m, const source::Uses& uses, TensorRef t) {
  const DType dtype = m[t].dtype;
  if (dtype == DType::int16) return 0;
  const NodeRef producer = uses.producer(t);
  if (producer && cuts_at_zero(m, producer)) return integer_range(dtype).min;
  return std::nullopt;
}

int channel_axis(const source::Model& m, NodeRef node, std::size_t scales) {
  if (scales == 1) return -1;
  return lower_case(m[node].op).find("depthwise") != std::string::npos ? 3 : 0;
}

struct Trio {
  TensorRef input, weights, bias;
};
std::optional<Trio> trio_of(const source::Model& m, NodeRef node) {
  const OpRow* row = row_of(m, m[node]);
  if (!row || !row->integer_accumulator) return std::nullopt;
  return Trio{operand(m, m[node], *row, "input"), operand(m, m[node], *row, "weights"), operand(m, m[node], *row, "bias")};
}

Quantization per_channel(std::vector<float> scales, int axis) {
  Quantization q{.scales = std::move(scales), .zero_points = {}, .axis = axis};
  q.zero_points.assign(q.scales.size(), 0);
  return q;
}

std::optional<Guess> as_part_of(const source::Model& m, const source::Uses& uses, NodeRef node, TensorRef t) {
  const auto trio = trio_of(m, node);
  if (!trio) return std::nullopt;
  const auto input = scales_of(m, uses, trio->input), weights = scales_of(m, uses, trio->weights),
             bias = scales_of(m, uses, trio->bias);
  const std::string owner = in_quotes(m.display_name(node));
  if (t == trio->bias && input.size() == 1 && !weights.empty()) {
    std::vector<float> scales;
    for (const double w : weights) scales.push_back(static_cast<float>(input[0]) * static_cast<float>(w));
    const int axis = scales.size() == 1 ? -1 : 0;
    return Guess{per_channel(std::move(scales), axis), Confidence::safe, "bias-scale-from-product",
                 "input scale * weight scale of " + owner};
  }
  const bool symmetric = is_signed(m[t].dtype);
  if (t == trio->weights && symmetric && input.size() == 1 && !bias.empty()) {
    std::vector<float> scales;
    for (const double b : bias) scales.push_back(exact_quotient(b, input[0]));
    const int axis = channel_axis(m, node, scales.size());
    return Guess{per_channel(std::move(scales), axis), Confidence::likely, "weight-scale-from-bias",
                 "bias scale / input scale of " + owner};
  }
  if (t != trio->input || weights.empty() || bias.size() != weights.size()) return std::nullopt;
  const double ratio = bias[0] / weights[0];
  for (std::size_t i = 0; i < bias.size(); ++i)
    if (std::abs(bias[i] / weights[i] / ratio - 1) > 1e-4) return std::nullopt;
  const auto zero_point = zero_point_of(m, uses, t);
  if (!zero_point) return std::nullopt;
  // Every channel bounds the input's scale a little differently: take the one that reproduces most of the bias scales.
  float best = exact_quotient(bias[0], weights[0]);
  std::ptrdiff_t most = -1;
  for (std::size_t i = 0; i < std::min<std::size_t>(bias.size(), 16); ++i)
    for (const float x : {exact_quotient(bias[i], weights[i])}) {
      std::ptrdiff_t hits = 0;
      for (std::size_t k = 0; k < bias.size(); ++k) hits += x * static_cast<float>(weights[k]) == static_cast<float>(bias[k]);
      if (hits > most) {
        most = hits;
        best = x;
      }
    }
  return Guess{Quantization{.scales = {best}, .zero_points = {*zero_point}, .axis = -1}, Confidence::likely,
               "input-scale-from-bias", "bias scale / weight scale of " + owner};
}

/// The parameters of `from`, which an op moves into or out of the tensor unchanged.
std::optional<Guess> kept(const source::Model& m, const source::Uses& uses, NodeRef node, TensorRef from) {
  const OpRow* row = row_of(m, m[node]);
  const OpDef* op = row ? canonical_op(*row) : nullptr;
  const bool keeps = op && (op->moves_bytes || op->name == "max_pool_2d" || op->name == "average_pool_2d");
  const source::QuantizationSite* s = keeps && from && !from.dangling() ? source::site_of(m, uses, from) : nullptr;
  if (!s || s->scales.values.size() != 1) return std::nullopt;
  Guess g{Quantization{.scales = {static_cast<float>(s->scales.values[0])}, .zero_points = {}, .axis = -1}, Confidence::likely,
          "scale-of-what-is-moved",
          fmt::format("{} keeps the parameters of {}", node_text(m, node), in_quotes(m.display_name(from)))};
  for (const double z : s->zero_points.values) g.quantization.zero_points.push_back(static_cast<std::int64_t>(z));
  return g;
}

}  // namespace

bool has_parameters(const source::Model& model, const source::Uses& uses, TensorRef tensor) {
  return std::ranges::any_of(uses.sites(tensor), [&](std::uint32_t i) {
    const source::QuantizationSite& s = model.sites[i];
    return s.where != source::Where::tensor || !s.scales.values.empty() || !s.details.empty();
  });
}

const OpDef* canonical_op(const OpRow& row) { return find_op(row.to.empty() ? lower_case(row.op) : std::string(row.to)); }

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
  for (const auto& use : uses.consumers(tensor)) {
    if (auto g = as_part_of(model, uses, use.node, tensor)) return g;
    if (model[use.node].outputs.empty()) continue;
    if (auto g = kept(model, uses, use.node, model[use.node].outputs[0])) return g;
  }
  if (const NodeRef producer = uses.producer(tensor); producer && !model[producer].inputs.empty())
    return kept(model, uses, producer, model[producer].inputs[0]);
  return std::nullopt;
}

}  // namespace qgraph::diagnose
