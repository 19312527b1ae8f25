// The messages of onnx.proto that are read: which of their fields are messages in turn, and the numbers of those that are used.
#pragma once

#include "formats/onnx/proto.hpp"

namespace qgraph::formats::onnx {

enum class Kind : std::uint8_t {
  none,
  model,
  opset,
  graph,
  node,
  attribute,
  value_info,
  type,
  tensor_type,
  nested_type,
  map_type,
  shape,
  dim,
  tensor,
  sparse_tensor,
  entry,
  annotation,
  function,
};

namespace model_field {
enum : std::uint32_t {
  ir_version = 1,
  producer_name = 2,
  producer_version = 3,
  domain = 4,
  model_version = 5,
  doc_string = 6,
  graph = 7,
  opset_import = 8,
  metadata_props = 14,
  training_info = 20,
  functions = 25
};
}
namespace graph_field {
enum : std::uint32_t {
  node = 1,
  name = 2,
  initializer = 5,
  input = 11,
  output = 12,
  value_info = 13,
  quantization_annotation = 14,
  sparse_initializer = 15
};
}
namespace node_field {
enum : std::uint32_t { input = 1, output = 2, name = 3, op_type = 4, attribute = 5, domain = 7, overload = 8 };
}
namespace attribute_field {
enum : std::uint32_t {
  name = 1,
  f = 2,
  i = 3,
  s = 4,
  t = 5,
  g = 6,
  floats = 7,
  ints = 8,
  strings = 9,
  tensors = 10,
  graphs = 11,
  type_proto = 14,
  type = 20,
  ref_attr_name = 21,
  sparse_tensor = 22
};
}
namespace tensor_field {
enum : std::uint32_t {
  dims = 1,
  data_type = 2,
  float_data = 4,
  int32_data = 5,
  string_data = 6,
  int64_data = 7,
  name = 8,
  raw_data = 9,
  double_data = 10,
  uint64_data = 11,
  external_data = 13,
  data_location = 14
};
}
namespace function_field {
enum : std::uint32_t {
  name = 1,
  input = 4,
  output = 5,
  attribute = 6,
  node = 7,
  opset_import = 9,
  domain = 10,
  attribute_proto = 11,
  value_info = 12,
  overload = 13
};
}

/// Where and what the first flaw of a message is, looked for through all that it holds.
struct Flawed {
  Flaw flaw = Flaw::none;
  std::size_t offset = 0;      ///< in the bytes
  std::string_view path[8]{};  ///< field names, outermost first
  std::size_t index[8]{};      ///< how many of the same name came before
  std::size_t depth = 0;
  explicit operator bool() const noexcept { return flaw != Flaw::none; }
};
/// Of a file that was cut off: the innermost message that the cut goes through. `offset`: where its first incomplete field
/// begins.
Flawed find_cut(Bytes file) noexcept;
/// `nesting`: how many graphs may lie in graphs (and types in types).
Flawed find_flaw(Bytes file, std::uint32_t nesting) noexcept;

}  // namespace qgraph::formats::onnx
