// The file as stored. It may contradict itself: rules look here, mends edit here. One model for all formats.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qgraph/graph.hpp"

namespace qgraph {
struct OpRow;  // source/op_row.hpp
}

namespace qgraph::source {

/// A tensor of a graph: ids are identity, names may repeat or be missing. `none` where an optional operand is left out;
/// `dangling` where the file names something that is not there.
struct TensorRef {
  std::uint32_t graph = Id<struct Any>::none;
  std::uint32_t index = Id<struct Any>::none;
  constexpr explicit operator bool() const noexcept { return index < 0xFFFF'FFFEU; }
  constexpr bool dangling() const noexcept { return index == 0xFFFF'FFFEU; }
  friend constexpr auto operator<=>(TensorRef, TensorRef) = default;
};
inline constexpr TensorRef no_tensor{};
constexpr TensorRef dangling_tensor(std::uint32_t graph) { return {graph, 0xFFFF'FFFEU}; }
struct NodeRef {
  std::uint32_t graph = Id<struct Any>::none;
  std::uint32_t index = Id<struct Any>::none;
  constexpr explicit operator bool() const noexcept { return index != Id<struct Any>::none; }
  friend constexpr auto operator<=>(NodeRef, NodeRef) = default;
};

/// Bytes of the file that something was read from; offset 0 and length 0 where it came from nowhere.
struct Origin {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

enum class Encoding : std::uint8_t {
  none,      ///< no data: not a constant
  raw,       ///< the elements as they lie in a Graph
  sparse,    ///< compressed; decode() makes it dense
  encoded,   ///< any other storage that decode() turns to raw (protobuf's varints, JSON's lists)
  external,  ///< in another file, mapped: bytes are there, as raw
  missing,   ///< declared, but its bytes are not to be had (dangling buffer, lost external file)
};

struct SourceTensor;
struct Model;

/// Data of a constant. bytes: raw elements, or what decode() reads.
struct Constant {
  Encoding encoding = Encoding::none;
  Buffer bytes{};
  /// Raw elements from what is stored; null for raw and external.
  Result<Buffer> (*decode)(const Model&, const SourceTensor&) = nullptr;
  /// What the format keeps behind it (TFLite: buffer index); for patch.
  std::int64_t storage_index = -1;
  bool exists() const noexcept { return encoding != Encoding::none; }
};

struct SourceTensor {
  std::string_view name{};
  DType dtype = DType::unknown;         ///< as declared; unknown: the file is silent (or JSON's and ONNX's untyped values)
  std::string_view unknown_dtype{};     ///< the file's word or number where dtype is one that qgraph does not know
  Shape shape = Shape::unknown_rank();  ///< as declared
  Constant data{};
  Origin origin{};
  bool state = false;            ///< TFLite's is_variable
  bool declared = true;          ///< false: only named by nodes (ONNX without value_info)
  std::int64_t file_index = -1;  ///< position in the file's own list
};

/// Where a quantization site is written.
enum class Where : std::uint8_t {
  tensor,       ///< parameters beside the tensor (TFLite)
  node_inputs,  ///< scale and zero point are inputs of a node (Q, DQ, QLinearConv)
  attributes,   ///< of a node (FakeQuant, JSON)
};

/// One number list of a site: what it says, and in which tensor where it is one.
struct Parameters {
  std::vector<double> values{};
  bool known = false;  ///< false: not given, or computed at run time
  TensorRef tensor{};  ///< where the values are a tensor's
  DType dtype = DType::unknown;
  std::optional<Shape> shape{};
};

/// A place where the file says how integers stand for reals. A tensor may have several.
struct QuantizationSite {
  TensorRef stored{};  ///< holds the integers; none where only known inside a node
  TensorRef real{};    ///< the reals; the same tensor in TFLite
  Parameters scales{}, zero_points{}, min{}, max{};
  int axis = -1;  ///< as written; -1: per tensor or not said
  bool axis_given = false;
  std::int64_t block_size = 0;
  Where where = Where::tensor;
  NodeRef node{};  ///< whose inputs or attributes it is
  Origin origin{};
  std::string_view details{};  ///< a kind of parameters that qgraph does not know (TFLite: custom quantization)
};

/// Decodes on request, whatever the format stores. A table of functions and the format's own handle.
struct AttributeView {
  const void* self = nullptr;
  std::uint64_t extra = 0;
  std::optional<AttributeValue> (*get)(const AttributeView&, const Model&, std::string_view name) = nullptr;
  std::vector<std::string> (*names)(const AttributeView&, const Model&) = nullptr;
  /// Changes made by edits, looked up first.
  std::shared_ptr<Attributes> edited{};
  std::vector<std::string> removed{};  ///< by edits
};

struct SourceNode {
  std::string_view name{};    ///< may be empty
  std::string_view op{};      ///< "CONV_2D", "QLinearConv"; a custom op's own name
  std::string_view domain{};  ///< "tflite" for builtins, "tflite.custom", "ai.onnx", "com.microsoft", "qgraph"
  int version = 1;
  std::vector<TensorRef> inputs{}, outputs{}, intermediates{};
  std::vector<std::string_view> input_names{};  ///< JSON: operand name of each input; else empty
  std::vector<std::uint32_t> bodies{};
  AttributeView attributes{};
  std::string_view options_kind{};  ///< TFLite: the options table that is stored, "Conv2DOptions"; empty: none
  std::span<const std::byte> raw_options{};
  Origin origin{};
  std::int64_t file_index = -1;
  std::int64_t opcode_index = -1;  ///< TFLite
};

struct SourceGraph {
  std::string_view name{};
  std::vector<SourceTensor> tensors{};
  std::vector<SourceNode> nodes{};
  std::vector<TensorRef> inputs{}, outputs{};
  std::uint32_t parent = Id<struct Any>::none;  ///< outer scope (ONNX bodies)
  bool function = false;
};

struct SourceSignature {
  std::string_view name{};
  std::uint32_t graph = 0;
  std::vector<std::pair<std::string_view, TensorRef>> inputs{}, outputs{};
};

struct Model {
  std::span<const OpRow> op_rows{};  ///< the format's op table, sorted by op
  std::string_view format{};         ///< "tflite", "onnx", "json", "qg"
  int format_version = 0;
  std::map<std::string, int, std::less<>> domains{};  ///< ONNX: opset imports
  std::string_view producer{};
  std::vector<SourceGraph> graphs{};  ///< [0] is main
  std::vector<QuantizationSite> sites{};
  std::vector<SourceSignature> signatures{};
  std::map<std::string, std::string> metadata{};
  Buffer file{};  ///< the mapped bytes
  std::string path{};
  std::shared_ptr<void> format_state{};  ///< what the format's reader keeps for its attributes and patch
  std::deque<std::string> strings{};     ///< texts that are not in the file (edits, made-up names); views into it stay valid

  std::string_view keep(std::string text) { return strings.emplace_back(std::move(text)); }
  SourceTensor& operator[](TensorRef t) { return graphs[t.graph].tensors[t.index]; }
  const SourceTensor& operator[](TensorRef t) const { return graphs[t.graph].tensors[t.index]; }
  SourceNode& operator[](NodeRef n) { return graphs[n.graph].nodes[n.index]; }
  const SourceNode& operator[](NodeRef n) const { return graphs[n.graph].nodes[n.index]; }

  std::optional<AttributeValue> attribute(const SourceNode&, std::string_view name) const;
  std::vector<std::string> attribute_names(const SourceNode&) const;
  /// Raw elements of a constant: decoded where it is not stored raw. Fails where it is missing or malformed.
  Result<Buffer> data(TensorRef) const;
  /// Its elements as doubles (any integer or float dtype; the first `limit`), as many as the shape says, or as the bytes hold
  /// where it leaves that open. Nothing where there are none or too few bytes.
  std::optional<std::vector<double>> numbers(TensorRef, std::size_t limit = 1U << 24) const;
  /// name, else "tensor 12"
  std::string display_name(TensorRef) const;
  /// name, else its first output's name, else "node 3"
  std::string display_name(NodeRef) const;
  Place place(TensorRef) const;
  Place place(NodeRef) const;
  Place place(NodeRef, TensorRef) const;  ///< a tensor as operand of a node
};

}  // namespace qgraph::source
