// Model-local functions: their nodes take the place of every call, with the call's operands, attributes and a name of their own.
#include <algorithm>

#include "formats/onnx/attributes.hpp"
#include "formats/onnx/reading.hpp"
#include "formats/onnx/schema.hpp"

namespace qgraph::formats::onnx {
namespace {

namespace ff = function_field;

std::string key_of(std::string_view domain, std::string_view name, std::string_view overload) {
  return fmt::format("{}:{}:{}", domain, name, overload);
}

/// What ref_attr_name means inside: the call's own attributes, then the function's defaults.
std::shared_ptr<const Bindings> bind(const Function& function, const NodeRecord& call) {
  auto bindings = std::make_shared<Bindings>(function.defaults);
  for (const auto& [name, message] : all_attributes(call)) (*bindings)[name] = message;
  return bindings;
}

/// An output of a function that is one of its inputs needs a node between.
void add_identity(Reading& r, std::uint32_t graph, source::TensorRef from, source::TensorRef to, int version) {
  source::SourceNode node;
  node.op = "Identity";
  node.domain = "ai.onnx";
  node.version = version;
  node.inputs = {from};
  node.outputs = {to};
  node.attributes = attribute_view(r.state.nodes.emplace_back());
  r.model.graphs[graph].nodes.push_back(std::move(node));
}

}  // namespace

void read_function(Reading& r, Bytes message) {
  Function function;
  std::string_view name, domain, overload;
  for_each_field(message, [&](const Field& f) {
    if (f.wire != Wire::length) return;
    switch (f.number) {
      case ff::name: name = f.text(); break;
      case ff::domain: domain = f.text(); break;
      case ff::overload: overload = f.text(); break;
      case ff::input: function.inputs.push_back(f.text()); break;
      case ff::output: function.outputs.push_back(f.text()); break;
      case ff::node: function.nodes.push_back(f.bytes); break;
      case ff::opset_import: read_opset(f.bytes, function.opsets); break;
      case ff::attribute_proto: function.defaults.emplace(read_attribute(f.bytes).name, f.bytes); break;
      default: break;
    }
  });
  r.functions.try_emplace(key_of(domain_name(domain), name, overload), std::move(function));
}

const Function* find_function(const Reading& r, std::string_view domain, std::string_view name, std::string_view overload) {
  if (r.functions.empty()) return nullptr;
  const auto found = r.functions.find(key_of(domain, name, overload));
  return found == r.functions.end() ? nullptr : &found->second;
}

void read_call(Reading& r, const Scope& caller, const Function& function, const NodeRecord& call,
               const source::SourceNode& node) {
  if (caller.depth + 1 > r.state.budgets.nesting) return r.over_limit("functions in functions");
  Scope scope{.graph = caller.graph,
              .opsets = &function.opsets,
              .bindings = bind(function, call),
              .depth = caller.depth + 1,
              .in_function = true};
  const std::string_view first =
      node.outputs.empty() || !node.outputs[0] ? std::string_view(node.op) : r.model[node.outputs[0]].name;
  scope.prefix = std::string((node.name.empty() ? first : node.name).substr(0, 200)) + "/";
  for (std::size_t i = 0; i < function.inputs.size(); ++i)
    scope.names.emplace(function.inputs[i], i < node.inputs.size() ? node.inputs[i] : source::no_tensor);
  for (std::size_t i = 0; i < function.outputs.size() && i < node.outputs.size(); ++i) {
    if (!node.outputs[i]) continue;
    const auto [at, fresh] = scope.names.emplace(function.outputs[i], node.outputs[i]);
    if (fresh) continue;
    const auto opset = function.opsets.find("ai.onnx");
    add_identity(r, caller.graph, at->second, node.outputs[i], opset == function.opsets.end() ? 1 : opset->second);
  }
  read_nodes(r, scope, function.nodes);
}

}  // namespace qgraph::formats::onnx
