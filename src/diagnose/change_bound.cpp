// Following a change to the model's output.
#include "diagnose/change_bound.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "diagnose/scale_evidence.hpp"

namespace qgraph::diagnose {
namespace {

using source::NodeRef;
using source::TensorRef;

/// Their slope is nowhere above 1. Of softmax that holds for the largest difference of all elements.
constexpr std::array<std::string_view, 18> no_steeper_than_1{
    "relu",        "relu6",           "relu_n1_to_1", "clip",        "logistic",          "sigmoid",
    "tanh",        "softmax",         "quantize",     "dequantize",  "quantizelinear",    "dequantizelinear",
    "max_pool_2d", "average_pool_2d", "maxpool",      "averagepool", "globalaveragepool", "flatten"};

bool keeps_differences(const source::Model& m, NodeRef ref) {
  std::string op(m[ref].op);
  for (char& c : op) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (std::ranges::find(no_steeper_than_1, op) == no_steeper_than_1.end()) return keeps_parameters(m, ref);
  if (op != "softmax") return true;
  const auto beta = m.attribute(m[ref], "beta");
  const auto* factor = beta ? std::get_if<double>(&*beta) : nullptr;
  return !factor || *factor <= 1;
}

}  // namespace

std::optional<double> bound_at_outputs(const source::Model& m, const source::Uses& uses, NodeRef node, double change) {
  constexpr int longest_way = 64;
  for (int step = 0; step < longest_way; ++step) {
    if (node.graph != 0 || m[node].outputs.size() != 1) return std::nullopt;
    const TensorRef t = m[node].outputs[0];
    if (!t || t.dangling()) return std::nullopt;
    const source::QuantizationSite* site = source::site_of(m, uses, t);
    if (site && site->stored == t && (m.format == "tflite" || site->node == node)) {
      if (site->scales.values.size() != 1 || !sound_scale(site->scales.values[0])) return std::nullopt;
      change += site->scales.values[0];  // on a rounding boundary the neighbouring step is taken
    }
    const auto readers = uses.consumers(t);
    if (uses.is_graph_output(t)) return readers.empty() ? std::optional(change) : std::nullopt;
    if (readers.size() != 1 || readers[0].input != 0 || !keeps_differences(m, readers[0].node)) return std::nullopt;
    node = readers[0].node;
  }
  return std::nullopt;
}

}  // namespace qgraph::diagnose
