// Edits written into an ONNX file's bytes.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "formats/onnx/message_edit.hpp"
#include "formats/onnx/state.hpp"
#include "qgraph/result.hpp"
#include "source/edits.hpp"

namespace qgraph::formats::onnx {

Result<std::vector<std::byte>> patch(const source::Model& model, std::span<const source::Edit> edits);

/// The file as a tree that is opened where edits need it, and the model as it is after the edits so far. Each function makes one
/// edit; the first that the format has no way to write is kept in `trouble`.
class Patch {
 public:
  explicit Patch(const source::Model& model);

  void make(const source::SetDType&);
  void make(const source::SetShape&);
  void make(const source::SetData&);
  void make(const source::SetQuantization&);
  void make(const source::SetAttribute&);
  void make(const source::SetInput&);
  void make(const source::SetOp&);
  void make(const source::SetVersion&);
  void make(const source::SetDomainVersion&);
  void make(const source::AddTensor&);
  void make(const source::AddNode&);
  void make(const source::RemoveNode&);
  void make(const source::MoveNode&);
  void make(const source::SetGraphInput&);
  void make(const source::SetGraphOutput&);
  void make(const source::SetFileVersion&);
  void make(const source::SetFileIdentifier&) {}  // ONNX has none

  /// Follows an edit that has been made.
  void follow(const source::Edit& edit) { source::apply(now_, edit); }
  const source::Model& now() const noexcept { return now_; }
  std::vector<std::byte> bytes() const { return file_.encode(); }
  std::string trouble{};

 private:
  void refuse(std::string why) {
    if (trouble.empty()) trouble = std::move(why);
  }
  MessageEdit* graph(std::uint32_t g);
  /// The NodeProto of a node; null (and trouble) for one of a function's, which other calls share.
  MessageEdit* node(source::NodeRef n);
  /// The name by which the file knows a tensor.
  std::string name_of(source::TensorRef t);
  /// The TensorProto that holds its data; null where it has none.
  MessageEdit* stored_tensor(source::TensorRef t);
  /// Data of a tensor, where they are stored now, or as a new initializer.
  void write_data(source::TensorRef t, DType dtype, const Shape& shape, Bytes raw);
  /// Calls f with every declaration of a value of this name in its graph.
  template <class F>
  bool each_declaration(source::TensorRef t, F&& f);
  MessageEdit* add_declaration(source::TensorRef t, std::uint32_t field);
  void set_interface(std::uint32_t g, std::uint32_t field, std::uint32_t position, source::TensorRef t);

  const State& state_;
  source::Model now_;
  MessageEdit file_;
  std::vector<Part*> graphs_{};              ///< of each graph of the model
  std::vector<std::vector<Part*>> nodes_{};  ///< of each node; null for those that a call stands for
};

}  // namespace qgraph::formats::onnx
