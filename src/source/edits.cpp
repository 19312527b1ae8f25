// Applies edits to a SourceModel, and says in a line what each does.
#include "source/edits.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "source/numbers.hpp"

namespace qgraph::source {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;  // clang 14 does not deduce aggregates

/// The list's tensor takes the values, in its own dtype; where it has none, they stand in the site alone.
void store(Model& model, Parameters& list, const Quantization& q) {
  if (!list.tensor || list.values.empty()) return;
  SourceTensor& tensor = model[list.tensor];
  const DType dtype = tensor.dtype == DType::unknown ? DType::float32 : tensor.dtype;
  if (auto bytes = encode_numbers(dtype, list.values)) {
    tensor.data = {.encoding = Encoding::raw, .bytes = Buffer::copy_of(*bytes), .storage_index = tensor.data.storage_index};
    const auto count = static_cast<std::int64_t>(list.values.size());
    if (tensor.shape.elements() != count && q.block_size == 0) tensor.shape = q.per_tensor() ? Shape{} : Shape{count};
  }
  list.dtype = tensor.dtype;
  list.shape = tensor.shape;
}

void set_attribute(AttributeView& view, std::string_view name, std::optional<AttributeValue> value) {
  // Views are shared by copies of a model: an edit must not show in the others.
  auto edited = std::make_shared<Attributes>();
  if (view.edited)
    for (const auto& [key, old] : *view.edited)
      if (key != name) edited->set(key, old);
  if (value) edited->set(name, std::move(*value));
  view.edited = std::move(edited);
  std::erase(view.removed, name);
  if (!value) view.removed.emplace_back(name);
}

void set_quantization(Model& model, const SetQuantization& e) {
  if (e.site >= model.sites.size()) model.sites.push_back({.stored = e.tensor, .real = e.tensor});
  QuantizationSite& site = model.sites[std::min(e.site, model.sites.size() - 1)];
  const Quantization& q = e.quantization;
  site.scales.values.assign(q.scales.begin(), q.scales.end());
  site.scales.known = !q.scales.empty();
  site.zero_points.values.clear();
  for (const std::int64_t z : q.zero_points) site.zero_points.values.push_back(static_cast<double>(z));
  site.zero_points.known = !q.zero_points.empty();
  site.axis = q.axis;
  site.axis_given = q.axis >= 0;
  site.block_size = q.block_size;
  site.details = {};
  if (site.where != Where::attributes) {
    store(model, site.scales, q);
    store(model, site.zero_points, q);
  } else if (site.where == Where::attributes && site.node) {
    AttributeView& view = model[site.node].attributes;
    set_attribute(view, "scale", std::vector<double>(site.scales.values));
    set_attribute(view, "zero_point", std::vector<std::int64_t>(q.zero_points));
  }
}

/// Sites name nodes by position: follows a change of the positions.
template <class Move>
void renumber(Model& model, std::uint32_t graph, const Move& move) {
  for (QuantizationSite& s : model.sites)
    if (s.node && s.node.graph == graph) s.node.index = move(s.node.index);
}

/// The integers that a site speaks of are those that stand at its position now. Where one tensor stands at several for the
/// moment, its sites lie in the order of the positions.
void follow_stored(Model& model, const SetInput& e, TensorRef before) {
  const std::vector<TensorRef>& inputs = model[e.node].inputs;
  auto skip = std::count(inputs.begin(), inputs.begin() + e.input, before);
  for (QuantizationSite& s : model.sites) {
    if (s.node != e.node || s.where != Where::node_inputs || s.stored != before) continue;
    if (skip-- > 0) continue;
    if (s.real == s.stored) s.real = e.tensor;
    s.stored = e.tensor;
    return;
  }
}

/// Scales and zero points that are inputs of the node are those of the tensor that stands there now.
void follow_input(Model& model, const SetInput& e) {
  const std::vector<TensorRef>& inputs = model[e.node].inputs;
  const TensorRef before = inputs[e.input];
  if (!before) return;
  const auto first = static_cast<std::size_t>(std::ranges::find(inputs, before) - inputs.begin());
  follow_stored(model, e, before);
  for (QuantizationSite& s : model.sites) {
    if (s.node != e.node || s.where != Where::node_inputs) continue;
    // Where one tensor is both for the moment, the scale's position comes first.
    const bool both = s.scales.tensor == before && s.zero_points.tensor == before;
    Parameters* list = s.scales.tensor == before && (!both || first == e.input) ? &s.scales
                       : s.zero_points.tensor == before                         ? &s.zero_points
                                                                                : nullptr;
    if (!list) continue;
    *list = Parameters{.tensor = e.tensor};
    if (!e.tensor) continue;
    list->dtype = model[e.tensor].dtype;
    list->shape = model[e.tensor].shape;
    if (auto values = model.numbers(e.tensor)) {
      list->values = *std::move(values);
      list->known = true;
    }
  }
}

void resize_to(std::vector<TensorRef>& list, std::size_t position) {
  if (position >= list.size()) list.resize(position + 1, no_tensor);
}

std::string numbers_text(const auto& values) {
  if (values.empty()) return "none";
  if (values.size() == 1) return fmt::format("{}", values[0]);
  return fmt::format("{} values from {}", values.size(), values[0]);
}

std::string text(const AttributeValue& value) {
  return std::visit(Overloaded{[](const std::string& s) { return s; }, [](std::int64_t i) { return fmt::format("{}", i); },
                               [](double d) { return fmt::format("{}", d); },
                               [](const std::vector<std::string>& v) { return fmt::format("{} texts", v.size()); },
                               [](const Tensor& t) { return t.type.to_string(); }, [](const auto& v) { return numbers_text(v); }},
                    value);
}

std::string quantization_text(const Quantization& q) {
  std::string out = "scale " + numbers_text(q.scales);
  if (!q.zero_points.empty()) out += ", zero point " + numbers_text(q.zero_points);
  if (q.axis >= 0) out += fmt::format(", axis {}", q.axis);
  if (q.block_size > 0) out += fmt::format(", blocks of {}", q.block_size);
  return out;
}

}  // namespace

void apply(Model& model, const Edit& edit) {
  std::visit(Overloaded{
                 [&](const SetDType& e) {
                   model[e.tensor].dtype = e.dtype;
                   model[e.tensor].unknown_dtype = {};
                 },
                 [&](const SetShape& e) { model[e.tensor].shape = e.shape; },
                 [&](const SetData& e) {
                   model[e.tensor].data = {
                       .encoding = Encoding::raw, .bytes = e.raw, .storage_index = model[e.tensor].data.storage_index};
                 },
                 [&](const SetQuantization& e) { set_quantization(model, e); },
                 [&](const SetAttribute& e) { set_attribute(model[e.node].attributes, e.name, e.value); },
                 [&](const SetInput& e) {
                   resize_to(model[e.node].inputs, e.input);
                   follow_input(model, e);
                   model[e.node].inputs[e.input] = e.tensor;
                 },
                 [&](const SetOp& e) {
                   model[e.node].op = model.keep(e.op);
                   model[e.node].domain = model.keep(e.domain);
                   if (model.format == "onnx") {
                     const auto opset = model.domains.find(e.domain);
                     model[e.node].version = opset == model.domains.end() ? 1 : opset->second;
                   }
                 },
                 [&](const SetVersion& e) { model[e.node].version = e.version; },
                 [&](const SetDomainVersion& e) {
                   if (e.version == 0)
                     model.domains.erase(e.domain);
                   else
                     model.domains[e.domain] = e.version;
                   // ONNX's nodes have the version of their domain.
                   for (SourceGraph& graph : model.graphs)
                     for (SourceNode& node : graph.nodes)
                       if (node.domain == e.domain) node.version = std::max(e.version, 1);
                 },
                 [&](const AddTensor& e) {
                   SourceTensor t = e.tensor;
                   t.name = model.keep(e.name);
                   model.graphs[e.graph].tensors.push_back(std::move(t));
                 },
                 [&](const AddNode& e) {
                   auto& nodes = model.graphs[e.graph].nodes;
                   const auto at = std::min<std::size_t>(e.before, nodes.size());
                   SourceNode n = e.node;
                   n.op = model.keep(std::string(n.op));
                   n.domain = model.keep(std::string(n.domain));
                   n.name = model.keep(std::string(n.name));
                   nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(at), std::move(n));
                   renumber(model, e.graph, [&](std::uint32_t i) { return i >= at ? i + 1 : i; });
                 },
                 [&](const RemoveNode& e) {
                   auto& nodes = model.graphs[e.node.graph].nodes;
                   nodes.erase(nodes.begin() + e.node.index);
                   std::erase_if(model.sites, [&](const QuantizationSite& s) { return s.node == e.node; });
                   renumber(model, e.node.graph, [&](std::uint32_t i) { return i > e.node.index ? i - 1 : i; });
                 },
                 [&](const MoveNode& e) {
                   auto& nodes = model.graphs[e.node.graph].nodes;
                   const std::uint32_t from = e.node.index;
                   const auto to = static_cast<std::uint32_t>(std::min<std::size_t>(e.to, nodes.size() - 1));
                   SourceNode n = std::move(nodes[from]);
                   nodes.erase(nodes.begin() + from);
                   nodes.insert(nodes.begin() + to, std::move(n));
                   renumber(model, e.node.graph, [&](std::uint32_t i) {
                     if (i == from) return to;
                     const std::uint32_t closed = i > from ? i - 1 : i;
                     return closed >= to ? closed + 1 : closed;
                   });
                 },
                 [&](const SetGraphInput& e) {
                   resize_to(model.graphs[e.graph].inputs, e.position);
                   model.graphs[e.graph].inputs[e.position] = e.tensor;
                 },
                 [&](const SetGraphOutput& e) {
                   resize_to(model.graphs[e.graph].outputs, e.position);
                   model.graphs[e.graph].outputs[e.position] = e.tensor;
                 },
                 [&](const SetFileVersion& e) { model.format_version = e.version; },
                 [](const SetFileIdentifier&) {},  // stands in the bytes alone
             },
             edit);
}

std::string describe(const Model& model, const Edit& edit) {
  const auto tensor = [&](TensorRef t) {
    return t ? fmt::format("tensor '{}'", model.display_name(t)) : std::string("no tensor");
  };
  const auto node = [&](NodeRef n) { return fmt::format("node '{}'", model.display_name(n)); };
  return std::visit(
      Overloaded{
          [&](const SetDType& e) {
            return fmt::format("{}: dtype {} -> {}", tensor(e.tensor), name(model[e.tensor].dtype), name(e.dtype));
          },
          [&](const SetShape& e) {
            return fmt::format("{}: shape {} -> {}", tensor(e.tensor), model[e.tensor].shape.to_string(), e.shape.to_string());
          },
          [&](const SetData& e) {
            return fmt::format("{}: data of {} bytes -> {} bytes", tensor(e.tensor), model[e.tensor].data.bytes.bytes.size(),
                               e.raw.bytes.size());
          },
          [&](const SetQuantization& e) { return fmt::format("{}: {}", tensor(e.tensor), quantization_text(e.quantization)); },
          [&](const SetAttribute& e) {
            const auto old = model.attribute(model[e.node], e.name);
            return fmt::format("{}: {} {} -> {}", node(e.node), e.name, old ? text(*old) : "absent",
                               e.value ? text(*e.value) : "removed");
          },
          [&](const SetInput& e) { return fmt::format("{}: input {} -> {}", node(e.node), e.input, tensor(e.tensor)); },
          [&](const SetOp& e) { return fmt::format("{}: op {} -> {}", node(e.node), model[e.node].op, e.op); },
          [&](const SetVersion& e) {
            return fmt::format("{}: version {} -> {}", node(e.node), model[e.node].version, e.version);
          },
          [&](const SetDomainVersion& e) {
            return e.version == 0 ? fmt::format("domain '{}': removed", e.domain)
                                  : fmt::format("domain '{}': version {}", e.domain, e.version);
          },
          [&](const AddTensor& e) {
            return fmt::format("tensor '{}': added, {}{}", e.name, name(e.tensor.dtype), e.tensor.shape.to_string());
          },
          [&](const AddNode& e) { return fmt::format("node {} ({}): added", e.before, e.node.op); },
          [&](const RemoveNode& e) { return fmt::format("{} ({}): removed", node(e.node), model[e.node].op); },
          [&](const MoveNode& e) { return fmt::format("{}: moved from position {} to {}", node(e.node), e.node.index, e.to); },
          [&](const SetGraphInput& e) { return fmt::format("graph {}: input {} -> {}", e.graph, e.position, tensor(e.tensor)); },
          [&](const SetGraphOutput& e) {
            return fmt::format("graph {}: output {} -> {}", e.graph, e.position, tensor(e.tensor));
          },
          [&](const SetFileVersion& e) { return fmt::format("file: version {} -> {}", model.format_version, e.version); },
          [&](const SetFileIdentifier& e) { return fmt::format("file: identifier -> '{}'", e.identifier); },
      },
      edit);
}

}  // namespace qgraph::source
