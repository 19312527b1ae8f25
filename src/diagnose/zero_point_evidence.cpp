// Zero points that follow from the op that makes a value, from what is moved, or from the dtype.
#include "diagnose/zero_point_evidence.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "diagnose/scale_evidence.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose {
namespace {

using source::NodeRef;
using source::TensorRef;

bool is_weights(const source::Model& model, const source::Uses& uses, TensorRef t) {
  for (const NodeRef node : readers_of(model, uses, t))
    if (const auto rule = product_rule(model, uses, node); rule && (rule->weights.stored == t || rule->bias.stored == t))
      return true;
  return false;
}

/// The zero point of a tensor on the other side of an op that keeps parameters, where it has the same scale.
std::optional<RightZeroPoint> of_neighbour(const source::Model& model, const source::Uses& uses,
                                           const source::QuantizationSite& site, IntegerRange range) {
  std::vector<std::pair<NodeRef, TensorRef>> beside;
  if (const NodeRef maker = uses.producer(site.stored); maker && keeps_parameters(model, maker) && !model[maker].inputs.empty())
    beside.emplace_back(maker, model[maker].inputs[0]);
  for (const auto& use : uses.consumers(site.stored))
    if (keeps_parameters(model, use.node) && !model[use.node].outputs.empty())
      beside.emplace_back(use.node, model[use.node].outputs[0]);
  for (const auto& [node, t] : beside) {
    const source::QuantizationSite* other = t && !t.dangling() ? source::site_of(model, uses, t) : nullptr;
    if (!other || other->zero_points.values.size() != 1 || other->scales.values != site.scales.values) continue;
    const double z = other->zero_points.values[0];
    if (z < static_cast<double>(range.min) || z > static_cast<double>(range.max)) continue;
    return RightZeroPoint{static_cast<std::int64_t>(z), "zero-point-of-what-is-moved",
                          fmt::format("{} keeps the parameters of {}", node_text(model, node), in_quotes(model.display_name(t)))};
  }
  return std::nullopt;
}

}  // namespace

std::optional<RightZeroPoint> right_zero_point(const source::Model& model, const source::Uses& uses,
                                               const source::QuantizationSite& site, DType dtype, std::optional<double> found) {
  const IntegerRange range = integer_range(dtype);
  const NodeRef maker = uses.producer(site.stored);
  if (maker)
    if (const auto p = prescribed_output(model, maker, dtype))
      return RightZeroPoint{p->zero_point, "prescribed-zero-point", fmt::format("every {} has it", model[maker].op)};
  const bool weights = is_weights(model, uses, site.stored);
  if (bits(dtype) > 8 || (is_signed(dtype) && weights))
    return RightZeroPoint{0, "zero-point-0",
                          fmt::format("{} {} are symmetric about 0", name(dtype), weights ? "weights" : "values")};
  if (maker && cuts_at_zero(model, maker))
    return RightZeroPoint{range.min, "zero-point-from-relu",
                          fmt::format("{} makes no values below zero", node_text(model, maker))};
  if (auto neighbour = of_neighbour(model, uses, site, range)) return neighbour;
  if (!found) return std::nullopt;
  const double shifted = is_signed(dtype) ? *found - 128 : *found + 128;
  if (bits(dtype) == 8 && shifted >= static_cast<double>(range.min) && shifted <= static_cast<double>(range.max))
    return RightZeroPoint{static_cast<std::int64_t>(shifted), "zero-point-by-128",
                          fmt::format("{} would be right for {}", *found, is_signed(dtype) ? "uint8" : "int8")};
  return std::nullopt;
}

std::vector<source::Edit> retype_zero_point(const source::Model& model, const source::Uses& uses, TensorRef zero, DType dtype,
                                            Buffer bytes) {
  std::vector<NodeRef> others;
  bool shared = false;
  for (const auto& use : uses.consumers(zero)) {
    const auto belongs = [&](const source::QuantizationSite& s) { return s.node == use.node && s.zero_points.tensor == zero; };
    const auto site = std::ranges::find_if(model.sites, belongs);
    const bool right = site != model.sites.end() && site->stored && !site->stored.dangling() &&
                       model[site->stored].data.exists() && model[site->stored].dtype == model[zero].dtype;
    shared = shared || right;
    if (!right && use.node.graph == zero.graph) others.push_back(use.node);
  }
  if (!shared) return {source::SetDType{zero, dtype}, source::SetData{zero, std::move(bytes)}};
  const TensorRef made{zero.graph, static_cast<std::uint32_t>(model.graphs[zero.graph].tensors.size())};
  source::SourceTensor tensor{.dtype = dtype, .shape = model[zero].shape};
  tensor.data = {.encoding = source::Encoding::raw, .bytes = std::move(bytes)};
  std::vector<source::Edit> edits{source::AddTensor{zero.graph, std::move(tensor), model.display_name(zero) + "_mended"}};
  for (const NodeRef node : others)
    for (std::uint32_t i = 0; i < model[node].inputs.size(); ++i)
      if (model[node].inputs[i] == zero) edits.emplace_back(source::SetInput{node, i, made});
  return edits;
}

}  // namespace qgraph::diagnose
