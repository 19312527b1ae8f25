// A GraphProto: its tensors by name, its interface, and what is declared of its values.
#include <algorithm>

#include "formats/onnx/reading.hpp"
#include "formats/onnx/schema.hpp"
#include "formats/onnx/tensor_types.hpp"

namespace qgraph::formats::onnx {
namespace {

using source::TensorRef;

struct ValueInfo {
  std::string_view name{};
  Bytes type{};
};

ValueInfo read_value_info(Bytes message) {
  ValueInfo v;
  for_each_field(message, [&](const Field& f) {
    if (f.is(1, Wire::length)) v.name = f.text();
    if (f.is(2, Wire::length)) v.type = f.bytes;
  });
  return v;
}

/// The parts of a graph in the order of the file.
struct Parts {
  std::string_view name{};
  std::vector<Bytes> nodes{}, initializers{}, sparse{}, annotations{};
  std::vector<ValueInfo> inputs{}, outputs{}, values{};
};

Parts read_parts(Bytes message) {
  Parts p;
  for_each_field(message, [&](const Field& f) {
    if (f.wire != Wire::length) return;
    switch (f.number) {
      case graph_field::node: p.nodes.push_back(f.bytes); break;
      case graph_field::name: p.name = f.text(); break;
      case graph_field::initializer: p.initializers.push_back(f.bytes); break;
      case graph_field::sparse_initializer: p.sparse.push_back(f.bytes); break;
      case graph_field::input: p.inputs.push_back(read_value_info(f.bytes)); break;
      case graph_field::output: p.outputs.push_back(read_value_info(f.bytes)); break;
      case graph_field::quantization_annotation: p.annotations.push_back(f.bytes); break;
      case graph_field::value_info: p.values.push_back(read_value_info(f.bytes)); break;
      default: break;
    }
  });
  return p;
}

/// onnx.proto, TensorAnnotation: the tensor's name, and a map whose keys are SCALE_TENSOR and ZERO_POINT_TENSOR.
void read_annotation(Reading& r, const Scope& scope, Bytes message) {
  const auto known = [&](std::string_view name) {
    const auto found = scope.names.find(name);
    return found != scope.names.end() ? found->second : source::no_tensor;
  };
  Annotation a;
  for_each_field(message, [&](const Field& f) {
    if (f.is(1, Wire::length)) a.tensor = known(f.text());
    if (!f.is(2, Wire::length)) return;
    std::string_view key, value;
    for_each_field(f.bytes, [&](const Field& entry) {
      if (entry.is(1, Wire::length)) key = entry.text();
      if (entry.is(2, Wire::length)) value = entry.text();
    });
    if (key == "SCALE_TENSOR") a.scale = known(value);
    if (key == "ZERO_POINT_TENSOR") a.zero_point = known(value);
  });
  if (a.tensor && a.scale) r.annotations.push_back(a);
}

Shape read_shape(Bytes message) {
  std::vector<std::int64_t> dims;
  for_each_field(message, [&](const Field& f) {
    if (!f.is(1, Wire::length)) return;
    std::int64_t dim = Shape::dynamic;
    for_each_field(f.bytes, [&](const Field& d) {
      if (d.is(1, Wire::varint)) dim = d.integer() < 0 ? Shape::dynamic : d.integer();
    });
    dims.push_back(dim);
  });
  return Shape(std::move(dims));
}

/// A tensor of this name in the scope itself; made where there is none.
TensorRef own_name(Reading& r, Scope& scope, std::string_view name) {
  if (!name.empty())
    if (const auto known = scope.names.find(name); known != scope.names.end()) return known->second;
  const TensorRef ref = add_tensor(r, scope, name);
  if (!name.empty()) scope.names.emplace(name, ref);
  return ref;
}

void dangling_output(Reading& r, std::uint32_t graph, std::size_t position, std::string_view name) {
  auto& f = add_finding(r, "QG4006", Cause::dangling_reference,
                        fmt::format("output {} of the graph is '{}', which nothing makes", position, name),
                        {.graph = graph, .tensor = std::string(name)});
  f.diagnostic.found = name;
  f.diagnostic.why = "the node that made it was removed or renamed";
}

/// The last one counts, as in ONNX Runtime; others take the first.
void initializer_twice(Reading& r, TensorRef ref) {
  auto& f = add_finding(r, "QG4021", Cause::duplicate_definition, fmt::format("'{}' has two initializers", r.model[ref].name),
                        r.model.place(ref));
  f.diagnostic.severity = Severity::warning;
  f.diagnostic.found = fmt::format("two values for {}", r.model[ref].name);
  f.diagnostic.why = "runtimes take the one or the other, or refuse the file";
}

/// An input that an initializer gives a value of another dtype.
void stale_input(Reading& r, TensorRef ref, DType declared) {
  const source::SourceTensor& tensor = r.model[ref];
  if (tensor.dtype == DType::unknown) return;
  auto& f = add_finding(r, "QG3112", Cause::dtype_contradiction,
                        fmt::format("the graph's input '{}' is declared {}, its initializer is {}", tensor.name, name(declared),
                                    name(tensor.dtype)),
                        r.model.place(ref));
  f.diagnostic.severity = Severity::warning;
  f.diagnostic.expected = name(tensor.dtype);
  f.diagnostic.found = name(declared);
  f.diagnostic.why =
      "the quantizer changed the initializer and left the declaration as it was; runtimes that compare the two refuse the file";
  f.diagnostic.fix = Fix{.id = "declare-what-is-stored",
                         .confidence = Confidence::safe,
                         .description = fmt::format("declare '{}' as {}", tensor.name, name(tensor.dtype)),
                         .max_change = 0.0};
  f.edits = {source::SetDType{ref, tensor.dtype}};
}

}  // namespace

std::string_view scoped_name(Reading& r, const Scope& scope, std::string_view name) {
  if (scope.prefix.empty() || name.empty() || !r.spend_decoded(scope.prefix.size() + name.size())) return name;
  return r.model.keep(scope.prefix + std::string(name));
}

TensorRef add_tensor(Reading& r, const Scope& scope, std::string_view name) {
  if (++r.tensors > r.state.budgets.tensors) {
    r.over_limit("tensors");
    return source::no_tensor;
  }
  auto& tensors = r.model.graphs[scope.graph].tensors;
  source::SourceTensor t;
  t.name = scoped_name(r, scope, name);
  t.declared = false;
  t.file_index = static_cast<std::int64_t>(tensors.size());
  tensors.push_back(std::move(t));
  return {scope.graph, static_cast<std::uint32_t>(tensors.size() - 1)};
}

TensorRef find_name(const Scope& scope, std::string_view name) {
  for (const Scope* s = &scope; s; s = s->parent)
    if (const auto found = s->names.find(name); found != s->names.end()) return found->second;
  return source::dangling_tensor(scope.graph);
}

void declare(Reading& r, TensorRef ref, Bytes type) {
  if (!ref) return;
  for_each_field(type, [&](const Field& f) {
    if (f.wire != Wire::length) return;
    source::SourceTensor& t = r.model[ref];
    if (f.number == 1 || f.number == 8) {  // tensor_type, sparse_tensor_type
      std::int64_t element = 0;
      Shape shape = Shape::unknown_rank();
      for_each_field(f.bytes, [&](const Field& p) {
        if (p.is(1, Wire::varint)) element = p.integer();
        if (p.is(2, Wire::length)) shape = read_shape(p.bytes);
      });
      t.declared = true;
      t.dtype = dtype_of(element);
      if (t.dtype == DType::unknown && element != 0) t.unknown_dtype = r.model.keep(fmt::format("{}", element));
      t.shape = std::move(shape);
    } else if (f.number == 4 || f.number == 5 || f.number == 9) {  // sequence, map, optional
      t.declared = true;
      t.dtype = DType::variant;
      r.variant_types[ref] = type;
    }
  });
}

std::uint32_t read_graph(Reading& r, Bytes message, const Scope* parent, const Opsets& opsets,
                         std::shared_ptr<const Bindings> bindings) {
  const Parts parts = read_parts(message);
  Scope scope{.graph = static_cast<std::uint32_t>(r.model.graphs.size()),
              .parent = parent,
              .opsets = &opsets,
              .bindings = std::move(bindings),
              .depth = parent ? parent->depth + 1 : 0,
              .in_function = parent && parent->in_function};
  if (++r.nodes > r.state.budgets.nodes) r.over_limit("nodes and graphs");
  r.model.graphs.emplace_back();
  r.model.graphs.back().name = parts.name;
  if (parent) r.model.graphs.back().parent = parent->graph;
  r.state.graphs.push_back({.message = message});

  std::vector<TensorRef> inputs;
  for (const ValueInfo& v : parts.inputs) {
    const TensorRef ref = own_name(r, scope, v.name);
    if (r.stopped) return scope.graph;
    declare(r, ref, v.type);
    r.model[ref].declared = true;
    inputs.push_back(ref);
  }
  for (const Bytes m : parts.initializers) {
    const TensorRef ref = own_name(r, scope, read_tensor(m).name);
    if (r.stopped) return scope.graph;
    if (r.model[ref].data.exists()) initializer_twice(r, ref);
    const DType declared = r.model[ref].dtype;
    set_constant(r, ref, m, {m, StoredIn::initializer});
    if (!parent && declared != DType::unknown && declared != r.model[ref].dtype) stale_input(r, ref, declared);
  }
  for (const Bytes m : parts.sparse) {
    const TensorRef ref = own_name(r, scope, read_sparse(m).values.name);
    if (r.stopped) return scope.graph;
    set_sparse_constant(r, ref, m, {m, StoredIn::sparse_initializer});
  }
  // An input with an initializer is a constant, but for bodies, whose inputs are always given.
  for (const TensorRef t : inputs) {
    if (parent) r.model[t].data = {};
    if (!r.model[t].data.exists()) r.model.graphs[scope.graph].inputs.push_back(t);
  }
  read_nodes(r, scope, parts.nodes);
  if (r.stopped) return scope.graph;
  for (const ValueInfo& v : parts.values)
    if (const auto found = scope.names.find(v.name);
        found != scope.names.end() && !r.model[found->second].data.exists() && !r.model[found->second].declared)
      declare(r, found->second, v.type);
  for (const Bytes m : parts.annotations) read_annotation(r, scope, m);
  for (std::size_t i = 0; i < parts.outputs.size(); ++i) {
    const TensorRef ref = find_name(scope, parts.outputs[i].name);
    if (ref.dangling())
      dangling_output(r, scope.graph, i, parts.outputs[i].name);
    else if (ref.graph == scope.graph && !r.model[ref].data.exists() && !r.model[ref].declared)
      declare(r, ref, parts.outputs[i].type);
    r.model.graphs[scope.graph].outputs.push_back(ref);
  }
  declare_taken(r, scope.graph);
  return scope.graph;
}

}  // namespace qgraph::formats::onnx
