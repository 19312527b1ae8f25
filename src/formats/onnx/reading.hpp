// The state of one read, shared by the files that read the parts of a model.
#pragma once

#include <spdlog/fmt/fmt.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "formats/format.hpp"
#include "formats/onnx/constants.hpp"
#include "formats/onnx/state.hpp"

namespace qgraph::formats::onnx {

using Opsets = std::map<std::string, int, std::less<>>;

/// A FunctionProto.
struct Function {
  std::vector<std::string_view> inputs{}, outputs{};
  Bindings defaults{};
  std::vector<Bytes> nodes{};
  Opsets opsets{};
};

/// Where names are looked up: a graph, or a function in the place where it is called. Inner scopes see outer ones.
struct Scope {
  std::uint32_t graph = 0;
  const Scope* parent = nullptr;
  const Opsets* opsets = nullptr;
  std::shared_ptr<const Bindings> bindings{};
  std::string prefix{};  ///< of what a function makes: "call/"
  std::uint32_t depth = 0;
  bool in_function = false;  ///< it, or a graph that it lies in, is a function's
  std::unordered_map<std::string_view, source::TensorRef> names{};
};

/// A file of external data, or why there is none.
struct ExternalFile {
  std::optional<Buffer> data{};
  std::string trouble{};
};

/// A TensorAnnotation: the tensors that hold the scale and zero point of another.
struct Annotation {
  source::TensorRef tensor{}, scale{}, zero_point{};
};

struct Reading {
  ReadContext& context;
  State& state;
  source::Model& model;
  std::map<std::string, Function, std::less<>> functions{};           ///< by "domain:name:overload"
  std::map<source::TensorRef, Bytes> variant_types{};                 ///< TypeProtos of sequences and optionals
  std::map<std::string, ExternalFile, std::less<>> external_files{};  ///< by location
  std::vector<Annotation> annotations{};
  std::uint64_t decoded_left = 0;
  std::uint64_t nodes = 0, tensors = 0;
  std::uint64_t inlined_left = 0;  ///< bytes of functions' nodes, counted at every call
  bool stopped = false;            ///< over a limit: nothing more is read
  /// Of each graph that has dangling names: its initializers without their punctuation; none where several are alike.
  std::map<std::uint32_t, std::map<std::string, source::TensorRef>> initializers_by_identifier{};

  void over_limit(std::string_view what);
  bool spend_decoded(std::uint64_t bytes) {
    if (bytes > decoded_left)
      over_limit("decoded bytes");
    else
      decoded_left -= bytes;
    return !stopped;
  }
  std::int64_t offset_of(Bytes part) const { return part.data() ? part.data() - state.file.bytes.data() : 0; }
};

diagnose::Finding& add_finding(Reading&, std::string_view code, Cause cause, std::string headline, Place place);

/// "ai.onnx" for the empty domain.
std::string_view domain_name(std::string_view stored) noexcept;
/// A GraphProto and all that lies in it. `name`: for graphs that have none. The number of the graph in the model.
std::uint32_t read_graph(Reading&, Bytes message, const Scope* parent, const Opsets& opsets,
                         std::shared_ptr<const Bindings> bindings);
/// Nodes of a graph, or of a function at its call, in the scope's graph.
void read_nodes(Reading&, Scope& scope, const std::vector<Bytes>& nodes);
/// Sites of the annotations, behind those of nodes.
void add_annotations(const Reading&);
/// Collects the functions of the model.
void read_function(Reading&, Bytes message);
const Function* find_function(const Reading&, std::string_view domain, std::string_view name, std::string_view overload);
/// The nodes of a function in place of its call.
void read_call(Reading&, const Scope& caller, const Function& function, const NodeRecord& call, const source::SourceNode& node);
void read_opset(Bytes message, Opsets& opsets);
/// A name as it stands in the model: within a function behind its call's.
std::string_view scoped_name(Reading&, const Scope& scope, std::string_view name);
source::TensorRef add_tensor(Reading&, const Scope& scope, std::string_view name);
/// Looks a name up, outwards; a dangling one where nothing has it.
source::TensorRef find_name(const Scope& scope, std::string_view name);
/// A TensorProto as the data of a tensor.
void set_constant(Reading&, source::TensorRef ref, Bytes message, StoredTensor stored);
void set_sparse_constant(Reading&, source::TensorRef ref, Bytes message, StoredTensor stored);
/// The value of a Constant node as the data of its output. False: it has none that can be read.
bool set_constant_node(Reading&, source::TensorRef ref, const NodeRecord& record);
void read_external(Reading&, source::TensorRef ref, const TensorMessage& tensor);
/// What a ValueInfoProto declares.
void declare(Reading&, source::TensorRef ref, Bytes type);
/// Of a graph that is read: the dtypes of what nodes take out of sequences, where the file says it of the sequences alone.
void declare_taken(Reading&, std::uint32_t graph);
/// After all nodes: every place where they say how integers stand for reals.
void find_sites(source::Model& model);

}  // namespace qgraph::formats::onnx
