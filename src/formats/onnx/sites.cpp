// Quantization sites: nodes whose inputs or attributes say how integers stand for reals.
#include <algorithm>
#include <array>

#include "formats/onnx/reading.hpp"

namespace qgraph::formats::onnx {
namespace {

using source::NodeRef;
using source::TensorRef;

/// Positions in a node's inputs; -1: none. `stored` or `output` is what the parameters belong to.
struct SiteRow {
  std::string_view op;
  int stored = -1, output = -1;  ///< the integers: an input, or an output
  int real = -1, real_output = -1;
  int scale = -1, zero_point = -1;
};

constexpr std::array rows{
    SiteRow{.op = "QuantizeLinear", .output = 0, .real = 0, .scale = 1, .zero_point = 2},
    SiteRow{.op = "DequantizeLinear", .stored = 0, .real_output = 0, .scale = 1, .zero_point = 2},
    SiteRow{.op = "QLinearConv", .stored = 0, .scale = 1, .zero_point = 2},
    SiteRow{.op = "QLinearConv", .stored = 3, .scale = 4, .zero_point = 5},
    SiteRow{.op = "QLinearConv", .output = 0, .scale = 6, .zero_point = 7},
    SiteRow{.op = "QLinearMatMul", .stored = 0, .scale = 1, .zero_point = 2},
    SiteRow{.op = "QLinearMatMul", .stored = 3, .scale = 4, .zero_point = 5},
    SiteRow{.op = "QLinearMatMul", .output = 0, .scale = 6, .zero_point = 7},
    SiteRow{.op = "QGemm", .stored = 0, .scale = 1, .zero_point = 2},
    SiteRow{.op = "QGemm", .stored = 3, .scale = 4, .zero_point = 5},
    SiteRow{.op = "QGemm", .output = 0, .scale = 7, .zero_point = 8},
    SiteRow{.op = "QLinearAdd", .stored = 0, .scale = 1, .zero_point = 2},
    SiteRow{.op = "QLinearAdd", .stored = 3, .scale = 4, .zero_point = 5},
    SiteRow{.op = "QLinearAdd", .output = 0, .scale = 6, .zero_point = 7},
    SiteRow{.op = "QLinearMul", .stored = 0, .scale = 1, .zero_point = 2},
    SiteRow{.op = "QLinearMul", .stored = 3, .scale = 4, .zero_point = 5},
    SiteRow{.op = "QLinearMul", .output = 0, .scale = 6, .zero_point = 7},
    SiteRow{.op = "QLinearSigmoid", .stored = 0, .scale = 1, .zero_point = 2},
    SiteRow{.op = "QLinearSigmoid", .output = 0, .scale = 3, .zero_point = 4},
    SiteRow{.op = "QLinearLeakyRelu", .stored = 0, .scale = 1, .zero_point = 2},
    SiteRow{.op = "QLinearLeakyRelu", .output = 0, .scale = 3, .zero_point = 4},
    SiteRow{.op = "QLinearSoftmax", .stored = 0, .scale = 1, .zero_point = 2},
    SiteRow{.op = "QLinearSoftmax", .output = 0, .scale = 3, .zero_point = 4},
    SiteRow{.op = "QLinearAveragePool", .stored = 0, .scale = 1, .zero_point = 2},
    SiteRow{.op = "QLinearAveragePool", .output = 0, .scale = 3, .zero_point = 4},
    SiteRow{.op = "QLinearGlobalAveragePool", .stored = 0, .scale = 1, .zero_point = 2},
    SiteRow{.op = "QLinearGlobalAveragePool", .output = 0, .scale = 3, .zero_point = 4},
    SiteRow{.op = "QLinearReduceMean", .stored = 0, .scale = 1, .zero_point = 2},
    SiteRow{.op = "QLinearReduceMean", .output = 0, .scale = 3, .zero_point = 4},
    // As many inputs as there are: what the first say decides of the output.
    SiteRow{.op = "QLinearConcat", .output = 0, .scale = 0, .zero_point = 1},
    SiteRow{.op = "QLinearConcat", .stored = 2, .scale = 3, .zero_point = 4},
    SiteRow{.op = "QLinearConcat", .stored = 5, .scale = 6, .zero_point = 7},
    SiteRow{.op = "QLinearConcat", .stored = 8, .scale = 9, .zero_point = 10},
    SiteRow{.op = "QLinearConcat", .stored = 11, .scale = 12, .zero_point = 13},
    SiteRow{.op = "MatMulNBits", .stored = 1, .scale = 2, .zero_point = 3},
    SiteRow{.op = "GatherBlockQuantized", .stored = 0, .scale = 2, .zero_point = 3},
    SiteRow{.op = "DynamicQuantizeMatMul", .stored = 1, .scale = 2, .zero_point = 3},
    SiteRow{.op = "MatMulIntegerToFloat", .stored = 0, .scale = 2, .zero_point = 4},
    SiteRow{.op = "MatMulIntegerToFloat", .stored = 1, .scale = 3, .zero_point = 5},
};

TensorRef at(const std::vector<TensorRef>& list, int position) {
  return position >= 0 && static_cast<std::size_t>(position) < list.size() ? list[static_cast<std::size_t>(position)]
                                                                           : source::no_tensor;
}

/// `left`: how many numbers may still be decoded. Many nodes may share one large tensor.
source::Parameters parameters(const source::Model& model, TensorRef ref, std::uint64_t& left) {
  source::Parameters p;
  if (!ref) return p;
  p.tensor = ref;
  const source::SourceTensor& t = model[ref];
  p.dtype = t.dtype;
  p.shape = t.shape;
  const auto elements = static_cast<std::uint64_t>(t.shape.elements().value_or(0));
  if (!t.data.exists() || elements > left) return p;
  left -= elements;
  if (auto values = model.numbers(ref)) {
    p.values = *std::move(values);
    p.known = true;
  }
  return p;
}

void add_site(source::Model& model, NodeRef ref, const SiteRow& row, std::uint64_t& left) {
  const source::SourceNode& node = model[ref];
  source::QuantizationSite site;
  site.stored = row.stored >= 0 ? at(node.inputs, row.stored) : at(node.outputs, row.output);
  site.real = row.real >= 0 ? at(node.inputs, row.real) : row.real_output >= 0 ? at(node.outputs, row.real_output) : site.stored;
  if (!site.stored || !at(node.inputs, row.scale)) return;
  site.scales = parameters(model, at(node.inputs, row.scale), left);
  site.zero_points = parameters(model, at(node.inputs, row.zero_point), left);
  site.where = source::Where::node_inputs;
  site.node = ref;
  site.origin = node.origin;
  const auto integer = [&](std::string_view name) -> std::optional<std::int64_t> {
    const auto v = model.attribute(node, name);
    const auto* i = v ? std::get_if<std::int64_t>(&*v) : nullptr;
    return i ? std::optional(*i) : std::nullopt;
  };
  const bool pair = row.op == "QuantizeLinear" || row.op == "DequantizeLinear";
  std::size_t rank = model[site.stored].shape.rank();
  if (rank == 0 && site.real) rank = model[site.real].shape.rank();
  const bool many = site.scales.shape && site.scales.shape->ranked() && site.scales.shape->elements() != 1;
  std::int64_t axis = -1;
  if (pair) {
    // The default is 1 from opset 13 on; before, there is no axis.
    const auto written = integer("axis");
    site.axis_given = written.has_value();
    if (many && (node.version >= 10 || node.domain != "ai.onnx")) axis = written.value_or(1);
    site.block_size = std::max<std::int64_t>(integer("block_size").value_or(0), 0);
    if (axis < 0 && many && written) axis += static_cast<std::int64_t>(rank);
  } else if (row.op == "QLinearConv") {
    if (many) axis = row.stored == 3 ? 0 : 1;
  } else if (row.op == "QLinearMatMul" || row.op == "QGemm" || row.op == "DynamicQuantizeMatMul" ||
             row.op == "MatMulIntegerToFloat") {
    if (many && rank > 0) axis = static_cast<std::int64_t>(rank) - 1;
    if (row.op == "QGemm" && integer("transB").value_or(0) != 0 && row.stored == 3) axis = many ? 0 : -1;
  } else if (row.op == "MatMulNBits" || row.op == "GatherBlockQuantized") {
    site.block_size = std::max<std::int64_t>(integer("block_size").value_or(0), 0);
    axis = row.op == "MatMulNBits" ? 1 : integer("quantize_axis").value_or(1);
  }
  site.axis = axis >= -1 && axis < 64 ? static_cast<int>(axis) : -1;
  model.sites.push_back(std::move(site));
}

}  // namespace

void add_annotations(const Reading& r) {
  source::Model& model = r.model;
  std::uint64_t left = 1U << 20U;
  for (const Annotation& a : r.annotations) {
    source::QuantizationSite site{
        .real = a.tensor, .scales = parameters(model, a.scale, left), .zero_points = parameters(model, a.zero_point, left)};
    const source::SourceTensor& tensor = model[a.tensor];
    // Of floats it says how they are to be quantized; the integers are not in the file.
    if (!is_float(tensor.dtype)) site.stored = a.tensor;
    const std::size_t count = site.scales.values.size();
    if (count > 1) {
      // It has no word for the axis.
      for (std::size_t i = 0; i < tensor.shape.rank(); ++i)
        if (tensor.shape[i] == static_cast<std::int64_t>(count)) site.axis = site.axis < 0 ? static_cast<int>(i) : 64;
      if (site.axis < 0 || site.axis == 64) continue;
    }
    model.sites.push_back(std::move(site));
  }
}

void find_sites(source::Model& model) {
  std::uint64_t left = std::min<std::uint64_t>(state_of(model).budgets.decoded_bytes / sizeof(double), 1U << 26U);
  for (std::uint32_t g = 0; g < model.graphs.size(); ++g)
    for (std::uint32_t n = 0; n < model.graphs[g].nodes.size(); ++n)
      for (const SiteRow& row : rows)
        if (row.op == model.graphs[g].nodes[n].op) add_site(model, {g, n}, row, left);
}

}  // namespace qgraph::formats::onnx
