// Reads the short form. A node's keys are its operands (constants and names of tensors) or its attributes: the op table says
// which.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <deque>
#include <map>

#include "formats/qgraph_json/constants.hpp"
#include "formats/qgraph_json/read.hpp"
#include "source/uses.hpp"

namespace qgraph::formats::qgraph_json {
namespace {

using source::TensorRef;

/// What the model's attributes are read from.
struct State {
  std::deque<Attributes> attributes;
};

std::optional<AttributeValue> get_attribute(const source::AttributeView& view, const source::Model&, std::string_view name) {
  const AttributeValue* v = static_cast<const Attributes*>(view.self)->find(name);
  return v ? std::optional(*v) : std::nullopt;
}
std::vector<std::string> attribute_names(const source::AttributeView& view, const source::Model&) {
  std::vector<std::string> names;
  for (const auto& [name, value] : *static_cast<const Attributes*>(view.self)) names.push_back(name);
  return names;
}

bool contains_conv(std::string_view op) {
  constexpr std::string_view word = "conv";
  return std::search(op.begin(), op.end(), word.begin(), word.end(), [](char a, char b) { return (a | 32) == b; }) != op.end();
}

constexpr std::string_view structural[] = {"name", "op", "domain", "version", "input", "inputs", "output", "outputs"};

class Reader {
 public:
  Reader(const Document& document, ReadContext& context)
      : d_(document), context_(context), model_(std::make_unique<source::Model>()) {
    model_->op_rows = op_table();
    model_->format = "json";
    model_->file = context.file;
    model_->path = context.path.string();
    model_->producer = "";
    model_->graphs.resize(1);
    auto state = std::make_shared<State>();
    state_ = state.get();
    model_->format_state = std::move(state);
  }

  std::unique_ptr<source::Model> read() {
    const Json& nodes = d_.root["nodes"];
    if (!nodes.list()) {
      fail(d_.problem(d_.root, "QG1404", Cause::unreadable_file, "a model has a list \"nodes\""));
      return nullptr;
    }
    if (nodes.list()->size() > context_.budgets->nodes) {
      fail(d_.problem(nodes, "QG9002", Cause::resource_limit,
                      fmt::format("{} nodes are more than allowed", nodes.list()->size())));
      return nullptr;
    }
    read_metadata();
    declare_inputs();
    for (const Json& n : *nodes.list()) name_outputs(n);
    for (std::size_t i = 0; i < nodes.list()->size(); ++i) read_node((*nodes.list())[i], i);
    find_interface();
    return std::move(model_);
  }

 private:
  source::SourceGraph& graph() { return model_->graphs[0]; }

  /// A problem that breaks `node`, where one is read.
  void fail(Report report) {
    for (Diagnostic& diagnostic : report.diagnostics) {
      diagnose::Finding f{.diagnostic = std::move(diagnostic), .phase = diagnose::Phase::bytes};
      if (node_ref_) {
        Place place = model_->place(node_ref_);
        if (!f.diagnostic.places.empty()) {
          place.attribute = f.diagnostic.places[0].attribute;
          place.byte_offset = f.diagnostic.places[0].byte_offset;
        }
        f.diagnostic.places = {std::move(place)};
        f.breaks = {diagnose::Fact::node(node_ref_, diagnose::Aspect::existence)};
      }
      context_.findings->add(std::move(f));
    }
  }

  TensorRef new_tensor(std::string_view name) {
    source::SourceTensor t{.name = model_->keep(std::string(name)), .declared = false};
    t.file_index = static_cast<std::int64_t>(graph().tensors.size());
    graph().tensors.push_back(std::move(t));
    return {0, static_cast<std::uint32_t>(graph().tensors.size() - 1)};
  }
  TensorRef named(std::string_view name) {
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) return found->second;
    const TensorRef t = new_tensor(name);
    by_name_.emplace(std::string(name), t);
    return t;
  }

  void read_metadata() {
    const auto* members = d_.root["metadata"].object();
    if (!members) return;
    for (const Member& m : *members) {
      if (m.value.text())
        model_->metadata[m.key] = *m.value.text();
      else if (const auto x = m.value.number())
        model_->metadata[m.key] = fmt::format("{}", *x);
      else if (const auto b = m.value.boolean())
        model_->metadata[m.key] = *b ? "true" : "false";
    }
    if (!d_.root["metadata"].has("dtype")) return;
    if (const auto dtype = read_dtype(d_, d_.root["metadata"]["dtype"]))
      metadata_dtype_ = *dtype;
    else
      fail(dtype.error());
  }

  /// {"name", "shape", "dtype", "scale", "zero_point"} or a name.
  void declare(const Json& entry, std::vector<TensorRef>& list) {
    const std::string* name = entry.text() ? entry.text() : entry["name"].text();
    if (!name) return fail(d_.problem(entry, "QG1404", Cause::invalid_attribute, "this needs a name"));
    const TensorRef t = named(*name);
    list.push_back(t);
    if (!entry.object()) return;
    if (entry.has("dtype")) {
      const auto dtype = read_dtype(d_, entry["dtype"]);
      if (!dtype) return fail(dtype.error());
      (*model_)[t].dtype = storage(*dtype);
    }
    if (entry.has("shape")) {
      const auto shape = read_shape(d_, entry["shape"]);
      if (!shape) return fail(shape.error());
      (*model_)[t].shape = *shape;
    }
    (*model_)[t].declared = true;
    add_site(t, entry, "");
  }
  void declare_inputs() {
    if (const auto* list = d_.root["inputs"].list())
      for (const Json& entry : *list) declare(entry, graph().inputs);
    if (const auto* list = d_.root["outputs"].list())
      for (const Json& entry : *list) declare(entry, graph().outputs);
  }

  /// scale, zero_point, axis and block_size of `in`, each key with this prefix, as a quantization of `t`.
  void add_site(TensorRef t, const Json& in, const std::string& prefix, int axis = 0) {
    const Json& scale = in[prefix + "scale"].is_null() ? in[prefix + "scales"] : in[prefix + "scale"];
    if (scale.is_null()) return;
    source::QuantizationSite site{.stored = t, .real = t, .node = node_ref_};
    const auto numbers = [&](const Json& from, source::Parameters& to) {
      const Json::List one{from};
      for (const Json& v : from.list() ? *from.list() : one) {
        const auto x = v.number();
        if (!x) return fail(d_.problem(v, "QG1404", Cause::invalid_quantization, fmt::format("{} is no number", v.kind())));
        to.values.push_back(*x);
      }
      to.known = true;
    };
    numbers(scale, site.scales);
    const Json& zero = in[prefix + "zero_point"].is_null() ? in[prefix + "zero_points"] : in[prefix + "zero_point"];
    if (!zero.is_null()) numbers(zero, site.zero_points);
    site.block_size = in[prefix + "block_size"].integer().value_or(0);
    const auto given = in[prefix + "axis"].integer();
    site.axis_given = given.has_value();
    if (site.scales.values.size() != 1 || site.block_size != 0) site.axis = static_cast<int>(given.value_or(axis));
    model_->sites.push_back(std::move(site));
  }

  static std::vector<const Json*> either(const Json& n, std::string_view one, std::string_view many) {
    const Json& v = n.has(one) ? n[one] : n[many];
    std::vector<const Json*> out;
    if (const auto* list = v.list())
      for (const Json& item : *list) out.push_back(&item);
    else if (!v.is_null())
      out.push_back(&v);
    return out;
  }

  void name_outputs(const Json& n) {
    std::vector<TensorRef>& outputs = outputs_.emplace_back();
    node_ref_ = {};
    for (const Json* o : either(n, "output", "outputs")) {
      if (o->text())
        outputs.push_back(named(*o->text()));
      else
        fail(d_.problem(*o, "QG1404", Cause::dangling_reference, "an output is a name"));
    }
    if (!outputs.empty()) return;
    const std::string* name = n["name"].text();
    outputs.push_back(named(name ? *name : fmt::format("{}_{}", n["op"].text() ? *n["op"].text() : "node", outputs_.size() - 1)));
  }

  void read_node(const Json& n, std::size_t index) {
    source::SourceNode& node = graph().nodes.emplace_back();
    node.domain = "qgraph";
    node.file_index = static_cast<std::int64_t>(index);
    node.outputs = outputs_[index];
    node.origin.offset = n.offset;
    node_ref_ = {0, static_cast<std::uint32_t>(index)};
    if (n["name"].text()) node.name = model_->keep(*n["name"].text());
    if (!n["op"].text()) return fail(d_.problem(n, "QG1404", Cause::missing_attribute, "a node needs a text \"op\""));
    node.op = model_->keep(*n["op"].text());
    if (n["domain"].text()) node.domain = model_->keep(*n["domain"].text());
    node.version = static_cast<int>(std::clamp<std::int64_t>(n["version"].integer().value_or(1), 0, 1 << 30));
    node_dtype_ = DType::unknown;
    if (n.has("dtype")) {
      const auto dtype = read_dtype(d_, n["dtype"]);
      if (!dtype) return fail(dtype.error());
      node_dtype_ = *dtype;
    }
    row_ = source::row_of(*model_, node);
    weights_ = {};
    std::vector<std::pair<std::string_view, TensorRef>> keyed;
    Attributes& attributes = state_->attributes.emplace_back();
    node.attributes = {.self = &attributes, .get = &get_attribute, .names = &attribute_names};
    for (const Member& m : *n.object()) {
      if (std::ranges::find(structural, m.key) != std::end(structural) || m.value.is_null()) continue;
      const std::string_view role =
          row_ && !operand_position(row_->operands, m.key) ? role_of_key(m.key) : std::string_view(m.key);
      const bool operand = row_ ? operand_position(row_->operands, role).has_value() : is_constant(m);
      if (!operand)
        read_attribute(m, attributes);
      else if (const TensorRef t = read_operand(m, role, n))
        keyed.emplace_back(model_->keep(std::string(role)), t);
    }
    connect(n, index, keyed);
    quantize(n);
  }

  static bool is_constant(const Member& m) {
    if (m.value.has("data")) return true;
    const auto* list = m.value.list();
    return list && !list->empty() && (list->front().list() || (names_a_constant(m.key) && list->front().is_number()));
  }

  void read_attribute(const Member& m, Attributes& attributes) {
    const Json& v = m.value;
    if (const auto b = v.boolean()) return attributes.set(m.key, std::int64_t{*b});
    if (v.text()) return attributes.set(m.key, *v.text());
    if (const auto* i = std::get_if<std::int64_t>(&v.value)) return attributes.set(m.key, *i);
    if (const auto x = v.number()) return attributes.set(m.key, *x);
    const auto* list = v.list();
    if (!list) return fail(d_.problem(v, "QG1404", Cause::invalid_attribute, fmt::format("an attribute cannot be {}", v.kind())));
    const auto all = [&](auto test) { return std::ranges::all_of(*list, test); };
    if (all([](const Json& e) { return std::holds_alternative<std::int64_t>(e.value); })) {
      std::vector<std::int64_t> values;
      for (const Json& e : *list) values.push_back(*e.integer());
      attributes.set(m.key, std::move(values));
    } else if (all([](const Json& e) { return e.is_number(); })) {
      std::vector<double> values;
      for (const Json& e : *list) values.push_back(*e.number());
      attributes.set(m.key, std::move(values));
    } else if (all([](const Json& e) { return e.text() != nullptr; })) {
      std::vector<std::string> values;
      for (const Json& e : *list) values.push_back(*e.text());
      attributes.set(m.key, std::move(values));
    } else {
      fail(d_.problem(v, "QG1404", Cause::invalid_attribute, "the values of an attribute are of one kind"));
    }
  }

  /// A constant (list, number or {"shape", "dtype", "data"}), or the name of a tensor.
  TensorRef read_operand(const Member& m, std::string_view role, const Json& node) {
    const Json& v = m.value;
    if (v.text()) return named(*v.text());
    if (!v.list() && !v.number() && !v.has("data")) {
      fail(d_.problem(v, "QG1404", Cause::invalid_attribute,
                      fmt::format("'{}' is an operand: a list, a number, an object with \"data\", or a name", m.key)));
      return {};
    }
    const Json& data = v.has("data") ? v["data"] : v;
    const bool is_weights = role_of_key(role) == "weights";
    const bool is_shape = row_ && (role == "shape" || role == "perm" || role == "axes" || role == "paddings");
    DType dtype = metadata_dtype_ != DType::unknown ? metadata_dtype_ : DType::float32;
    if (role_of_key(role) == "bias")
      dtype = m.key.front() == 'q' ? DType::int32 : DType::float32;
    else if (is_shape)
      dtype = DType::int32;
    else if (node_dtype_ != DType::unknown)
      dtype = node_dtype_;
    else if (m.key.front() == 'q')
      dtype = DType::int8;
    if (v.has("dtype")) {
      const auto given = read_dtype(d_, v["dtype"]);
      if (!given) return fail(given.error()), TensorRef{};
      dtype = *given;
    }
    auto shape = v.has("shape") ? read_shape(d_, v["shape"]) : shape_of(d_, data);
    if (!shape) return fail(shape.error()), TensorRef{};
    if (is_weights && !v.has("shape") && shape->rank() == 1) {
      if (contains_conv(*node["op"].text()))
        *shape = Shape{1, 1, 1, (*shape)[0]};
      else if (row_)
        *shape = Shape{1, (*shape)[0]};
    }
    auto bytes = bytes_of(d_, data, dtype, *shape);
    if (!bytes) return fail(bytes.error()), TensorRef{};
    const std::string owner =
        node["name"].text() ? *node["name"].text() : fmt::format("{}_{}", *node["op"].text(), graph().nodes.size() - 1);
    const TensorRef t = new_tensor(owner + "/" + m.key);
    source::SourceTensor& tensor = (*model_)[t];
    tensor.dtype = storage(dtype);
    tensor.shape = *shape;
    tensor.declared = true;
    tensor.origin.offset = v.offset;
    tensor.data = {.encoding = source::Encoding::raw, .bytes = *std::move(bytes)};
    if (is_weights) weights_ = t;
    add_site(t, v, "", channel_axis());
    return t;
  }

  /// The axis of one scale per channel, where the file does not say it: of the outputs.
  int channel_axis() const { return row_ && row_->op == "DepthwiseConv2D" ? 3 : 0; }

  /// The node's inputs: for an op that is known, in the order of its row; else those without a key first.
  void connect(const Json& n, std::size_t index, const std::vector<std::pair<std::string_view, TensorRef>>& keyed) {
    source::SourceNode& node = graph().nodes[index];
    std::vector<TensorRef> positional;
    for (const Json* i : either(n, "input", "inputs")) {
      if (i->text())
        positional.push_back(named(*i->text()));
      else if (i->is_null())
        positional.emplace_back();
      else
        fail(d_.problem(*i, "QG1404", Cause::dangling_reference, "an input is a name"));
    }
    const bool silent = !n.has("input") && !n.has("inputs");
    if (silent && std::ranges::find(keyed, "input", &std::pair<std::string_view, TensorRef>::first) == keyed.end())
      positional.push_back(index == 0 ? (graph().inputs.empty() ? named("input") : graph().inputs[0]) : outputs_[index - 1][0]);
    if (!row_) {
      for (const TensorRef t : positional) {
        node.inputs.push_back(t);
        node.input_names.emplace_back();
      }
      for (const auto& [role, t] : keyed) {
        node.inputs.push_back(t);
        node.input_names.push_back(role);
      }
      return;
    }
    std::size_t next = 0;
    for (std::size_t i = 0;; ++i) {
      const auto operand = operand_at(row_->operands, i);
      if (!operand || (operand->rest && next >= positional.size())) break;
      const auto key = std::ranges::find(keyed, operand->name, &std::pair<std::string_view, TensorRef>::first);
      TensorRef t{};
      if (key != keyed.end())
        t = key->second;
      else if (next < positional.size())
        t = positional[next++];
      node.inputs.push_back(t);
      node.input_names.push_back(operand->name);
    }
    if (next < positional.size())
      fail(
          d_.problem(n, "QG1404", Cause::invalid_attribute, fmt::format("'{}' takes fewer inputs: {}", node.op, row_->operands)));
    while (!node.inputs.empty() && !node.inputs.back()) {
      node.inputs.pop_back();
      node.input_names.pop_back();
    }
  }

  /// "scale" speaks of the weights where a node has some, else of what it makes; an op that is not known reads it itself.
  void quantize(const Json& n) {
    source::SourceNode& node = graph().nodes[node_ref_.index];
    if (!row_ || node.outputs.empty()) return;
    const bool of_input = node.op == "Dequantize" && !node.inputs.empty() && node.inputs[0];
    const TensorRef output = of_input ? node.inputs[0] : node.outputs[0];
    const auto declare_storage = [&](TensorRef t) {
      source::SourceTensor& tensor = (*model_)[t];
      if (tensor.dtype == DType::unknown) tensor.dtype = is_integer(node_dtype_) ? storage(node_dtype_) : DType::int8;
    };
    if (n.has("scale") || n.has("scales")) {
      const TensorRef t = weights_ ? weights_ : output;
      if (!source::site_of(*model_, t)) add_site(t, n, "", channel_axis());
      if (!weights_) declare_storage(t);
    } else if (node_dtype_ != DType::unknown && !is_quantized(node_dtype_) && node.op == "Cast") {
      (*model_)[output].dtype = node_dtype_;
    }
    for (const auto& [prefix, t] :
         {std::pair{"output_", node.outputs[0]}, std::pair{"input_", node.inputs.empty() ? TensorRef{} : node.inputs[0]}})
      if (t && n.has(std::string(prefix) + "scale")) {
        if (!source::site_of(*model_, t)) add_site(t, n, prefix);
        declare_storage(t);
      }
  }

  void find_interface() {
    std::vector<bool> made(graph().tensors.size(), false), read(graph().tensors.size(), false),
        listed(graph().tensors.size(), false);
    for (const TensorRef t : graph().inputs) listed[t.index] = true;
    for (const source::SourceNode& n : graph().nodes) {
      for (const TensorRef t : n.outputs) made[t.index] = true;
      for (const TensorRef t : n.inputs)
        if (t) read[t.index] = true;
    }
    const bool outputs_given = !graph().outputs.empty();
    for (std::uint32_t i = 0; i < graph().tensors.size(); ++i) {
      source::SourceTensor& t = graph().tensors[i];
      if (t.data.exists()) continue;
      if (!made[i] && (read[i] || listed[i])) {
        if (t.dtype == DType::unknown) t.dtype = DType::float32;
        if (!listed[i]) graph().inputs.push_back({0, i});
      }
      if (made[i] && !read[i] && !outputs_given) graph().outputs.push_back({0, i});
    }
  }

  const Document& d_;
  ReadContext& context_;
  std::unique_ptr<source::Model> model_;
  State* state_ = nullptr;
  DType metadata_dtype_ = DType::unknown, node_dtype_ = DType::unknown;
  std::map<std::string, TensorRef, std::less<>> by_name_;
  std::vector<std::vector<TensorRef>> outputs_;  ///< of each node
  source::NodeRef node_ref_{};
  const OpRow* row_ = nullptr;
  TensorRef weights_{};
};

}  // namespace

std::unique_ptr<source::Model> read_short(ReadContext& context) {
  if (is_full(context.file.bytes)) return nullptr;  // read_full takes it
  const auto document = parse(context.file.bytes);
  if (!document) {
    for (const Diagnostic& d : document.error().diagnostics)
      context.findings->add({.diagnostic = d, .breaks = {diagnose::Fact::file()}});
    return nullptr;
  }
  return Reader(*document, context).read();
}

}  // namespace qgraph::formats::qgraph_json
