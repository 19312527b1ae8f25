// onnx.proto as a table, and the walk that looks for the first malformed message.
#include "formats/onnx/schema.hpp"

#include <algorithm>
#include <array>

namespace qgraph::formats::onnx {
namespace {

struct Row {
  Kind message;
  std::uint32_t field;
  Kind child;
  std::string_view name;
};

constexpr std::array rows{
    Row{Kind::model, 7, Kind::graph, "graph"},
    Row{Kind::model, 8, Kind::opset, "opset_import"},
    Row{Kind::model, 14, Kind::entry, "metadata_props"},
    Row{Kind::model, 25, Kind::function, "functions"},
    Row{Kind::graph, 1, Kind::node, "node"},
    Row{Kind::graph, 5, Kind::tensor, "initializer"},
    Row{Kind::graph, 11, Kind::value_info, "input"},
    Row{Kind::graph, 12, Kind::value_info, "output"},
    Row{Kind::graph, 13, Kind::value_info, "value_info"},
    Row{Kind::graph, 14, Kind::annotation, "quantization_annotation"},
    Row{Kind::graph, 15, Kind::sparse_tensor, "sparse_initializer"},
    Row{Kind::graph, 16, Kind::entry, "metadata_props"},
    Row{Kind::node, 5, Kind::attribute, "attribute"},
    Row{Kind::node, 9, Kind::entry, "metadata_props"},
    Row{Kind::attribute, 5, Kind::tensor, "t"},
    Row{Kind::attribute, 6, Kind::graph, "g"},
    Row{Kind::attribute, 10, Kind::tensor, "tensors"},
    Row{Kind::attribute, 11, Kind::graph, "graphs"},
    Row{Kind::attribute, 14, Kind::type, "tp"},
    Row{Kind::attribute, 15, Kind::type, "type_protos"},
    Row{Kind::attribute, 22, Kind::sparse_tensor, "sparse_tensor"},
    Row{Kind::attribute, 23, Kind::sparse_tensor, "sparse_tensors"},
    Row{Kind::value_info, 2, Kind::type, "type"},
    Row{Kind::type, 1, Kind::tensor_type, "tensor_type"},
    Row{Kind::type, 4, Kind::nested_type, "sequence_type"},
    Row{Kind::type, 5, Kind::map_type, "map_type"},
    Row{Kind::type, 8, Kind::tensor_type, "sparse_tensor_type"},
    Row{Kind::type, 9, Kind::nested_type, "optional_type"},
    Row{Kind::nested_type, 1, Kind::type, "elem_type"},
    Row{Kind::map_type, 2, Kind::type, "value_type"},
    Row{Kind::tensor_type, 2, Kind::shape, "shape"},
    Row{Kind::shape, 1, Kind::dim, "dim"},
    Row{Kind::tensor, 13, Kind::entry, "external_data"},
    Row{Kind::sparse_tensor, 1, Kind::tensor, "values"},
    Row{Kind::sparse_tensor, 2, Kind::tensor, "indices"},
    Row{Kind::annotation, 2, Kind::entry, "quant_parameter_tensor_names"},
    Row{Kind::function, 7, Kind::node, "node"},
    Row{Kind::function, 9, Kind::opset, "opset_import"},
    Row{Kind::function, 11, Kind::attribute, "attribute_proto"},
    Row{Kind::function, 12, Kind::value_info, "value_info"},
};

const Row* row_of(Kind message, std::uint32_t field) noexcept {
  const auto* at = std::ranges::find_if(rows, [&](const Row& r) { return r.message == message && r.field == field; });
  return at == rows.end() ? nullptr : at;
}

/// Are the numbers of a packed list whole?
Flaw packed_flaw(Kind message, const Field& f) noexcept {
  if (f.wire != Wire::length) return Flaw::none;
  const bool varints =
      (message == Kind::tensor && (f.number == tensor_field::dims || f.number == tensor_field::int32_data ||
                                   f.number == tensor_field::int64_data || f.number == tensor_field::uint64_data)) ||
      (message == Kind::attribute && f.number == attribute_field::ints) || (message == Kind::sparse_tensor && f.number == 3);
  const bool fours = (message == Kind::tensor && f.number == tensor_field::float_data) ||
                     (message == Kind::attribute && f.number == attribute_field::floats);
  const bool eights = message == Kind::tensor && f.number == tensor_field::double_data;
  if ((fours && f.bytes.size() % 4 != 0) || (eights && f.bytes.size() % 8 != 0)) return Flaw::cut_off;
  Flaw flaw{};
  if (varints)
    for (std::size_t at = 0; at < f.bytes.size();)
      if (!read_varint(f.bytes, at, flaw)) return flaw;
  return Flaw::none;
}

struct Walk {
  Bytes file;
  std::uint32_t nesting;
  Flawed found{};

  std::size_t offset_of(const std::byte* p) const noexcept { return static_cast<std::size_t>(p - file.data()); }

  bool wrong(Flaw flaw, std::size_t offset) noexcept {
    found.flaw = flaw;
    found.offset = offset;
    return false;
  }

  bool message(Bytes bytes, Kind kind, std::uint32_t depth) noexcept {
    MessageReader reader(bytes);
    std::uint32_t before = 0, count = 0;
    for (Field f; reader.next(f); before = f.number) {
      count = f.number == before ? count + 1 : 0;
      if (const Flaw flaw = packed_flaw(kind, f); flaw != Flaw::none) return wrong(flaw, offset_of(f.whole.data()));
      const Row* row = f.wire == Wire::length ? row_of(kind, f.number) : nullptr;
      if (!row) continue;
      const bool deeper = row->child == Kind::graph || row->child == Kind::type;
      if (deeper && depth >= nesting) return wrong(Flaw::too_deep, offset_of(f.whole.data()));
      if (message(f.bytes, row->child, depth + (deeper ? 1 : 0))) continue;
      note(row->name, count);
      return false;
    }
    if (reader.flaw() == Flaw::none) return true;
    return wrong(reader.flaw(), bytes.empty() ? 0 : offset_of(bytes.data()) + reader.position());
  }

  /// Paths are collected from the inside; of deep ones the inner part is kept.
  void note(std::string_view name, std::size_t index) noexcept {
    if (found.depth == std::size(found.path)) return;
    found.path[found.depth] = name;
    found.index[found.depth++] = index;
  }
};

}  // namespace

Flawed find_cut(Bytes file) noexcept {
  Flawed cut{.flaw = Flaw::cut_off};
  Bytes rest = file;
  for (Kind kind = Kind::model;;) {
    MessageReader reader(rest);
    std::uint32_t before = 0, number = 0;
    std::size_t at = 0, count = 0;
    for (Field f; reader.next(f); at = reader.position()) {
      count = f.number == before ? count + 1 : 1;
      before = f.number;
    }
    cut.offset = static_cast<std::size_t>(rest.data() - file.data()) + at;
    Flaw flaw{};
    const auto tag = read_varint(rest, at, flaw);
    if (tag) number = static_cast<std::uint32_t>(*tag >> 3U);
    const Row* row = tag && (*tag & 7U) == 2 ? row_of(kind, number) : nullptr;
    if (!row || !read_varint(rest, at, flaw) || cut.depth == std::size(cut.path)) return cut;
    cut.path[cut.depth] = row->name;
    cut.index[cut.depth++] = number == before ? count : 0;
    kind = row->child;
    rest = rest.subspan(at);
  }
}

Flawed find_flaw(Bytes file, std::uint32_t nesting) noexcept {
  Walk walk{.file = file, .nesting = nesting};
  walk.message(file, Kind::model, 0);
  std::reverse(walk.found.path, walk.found.path + walk.found.depth);
  std::reverse(walk.found.index, walk.found.index + walk.found.depth);
  return walk.found;
}

}  // namespace qgraph::formats::onnx
