// Edits written into a TFLite file's bytes.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "formats/tflite/flat_edit.hpp"
#include "formats/tflite/state.hpp"
#include "qgraph/result.hpp"
#include "source/edits.hpp"

namespace qgraph::formats::tflite {

Result<std::vector<std::byte>> patch(const source::Model& model, std::span<const source::Edit> edits);

/// The bytes being changed, and the model as it was read. Each function makes one edit; what fails is kept in `flat`.
class Patch {
 public:
  explicit Patch(const source::Model& model) : model_(model), flat(model.file.bytes) {}

  void make(const source::SetDType&);
  void make(const source::SetShape&);
  void make(const source::SetData&);
  void make(const source::SetQuantization&);
  void make(const source::SetAttribute&);
  void make(const source::SetInput&);
  void make(const source::SetOp&);
  void make(const source::SetVersion&);
  void make(const source::SetDomainVersion&) {}  // TFLite has no domains
  void make(const source::AddTensor&);
  void make(const source::AddNode&);
  void make(const source::RemoveNode&);
  void make(const source::MoveNode&);
  void make(const source::SetGraphInput&);
  void make(const source::SetGraphOutput&);
  void make(const source::SetFileVersion&);
  void make(const source::SetFileIdentifier&);
  /// Op codes that lost their last node would still be refused by other runtimes: they become copies of one in use.
  void finish();

 private:
  const source::Model& model_;

 public:
  FlatEdit flat;

 private:
  TableRef graph(std::uint32_t g);
  TableRef tensor(source::TensorRef t);
  TableRef node(source::NodeRef n);
  std::vector<std::int32_t> list(TableRef t, std::string_view name);
  void set_list(TableRef t, std::string_view name, std::span<const std::int32_t> values) {
    flat.set_target(t, name, [&] { return flat.append_list(values); });
  }
  void set_position(TableRef t, std::string_view name, std::uint32_t position, source::TensorRef to);
  void set_dims(source::TensorRef t, const Shape& shape);
  bool buffer_is_shared(std::uint32_t buffer);
  void write_data(source::TensorRef t, std::span<const std::byte> raw);
  void write_parameters(source::TensorRef t, const Quantization& q);
  /// Another tensor or node leads to the same table.
  bool is_shared(std::string_view owners, std::string_view field, std::size_t table);
  /// This node's options table, made where there is none or one of another op; type null: it takes none.
  TableRef options(source::NodeRef n);
  void set_field(TableRef t, std::string_view name, const AttributeValue& value);
  /// A key of the flexbuffer that lies in this field.
  void set_key(TableRef t, std::string_view field, const std::string& name, const std::optional<AttributeValue>& value);

  struct Code {
    std::int32_t builtin = 0;
    std::string custom{};
    std::int32_t version = 1;
    friend bool operator==(const Code&, const Code&) = default;
  };
  Code code(std::size_t index);
  void write_code(TableRef t, const Code& c);
  std::size_t users(std::size_t code_index);
  void use_code(source::NodeRef n, const Code& c);
  std::int32_t builtin_number(std::string_view op);
  std::vector<std::pair<std::size_t, std::size_t>> replaced_codes_{};
};

}  // namespace qgraph::formats::tflite
