// Edits of tensors: initializers, Constant nodes, and what is declared of values.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "formats/onnx/constants.hpp"
#include "formats/onnx/encode.hpp"
#include "formats/onnx/patch.hpp"
#include "formats/onnx/schema.hpp"
#include "formats/onnx/tensor_types.hpp"

namespace qgraph::formats::onnx {

using source::TensorRef;

template <class F>
bool Patch::each_declaration(TensorRef t, F&& f) {
  MessageEdit* g = graph(t.graph);
  if (!g) return false;
  bool any = false;
  const std::string name = name_of(t);
  for (const std::uint32_t field : {graph_field::input, graph_field::output, graph_field::value_info})
    for (Part* p : g->all(field)) {
      if (MessageEdit::open(*p).text(1) != name) continue;
      f(MessageEdit::open(*p));
      any = true;
    }
  return any;
}

MessageEdit* Patch::add_declaration(TensorRef t, std::uint32_t field) {
  MessageEdit* g = graph(t.graph);
  if (!g) return nullptr;
  MessageEdit& info = g->add_message(field);
  info.set_text(1, name_of(t));
  return &info;
}

MessageEdit* Patch::stored_tensor(TensorRef t) {
  const std::string name = name_of(t);
  MessageEdit* g = graph(t.graph);
  if (!g || name.empty()) return nullptr;
  for (Part* p : g->all(graph_field::initializer))
    if (MessageEdit& tensor = MessageEdit::open(*p); tensor.text(tensor_field::name) == name) return &tensor;
  for (Part* p : g->all(graph_field::node)) {
    MessageEdit& node = MessageEdit::open(*p);
    if (node.text(node_field::op_type) != "Constant" || node.text(node_field::output) != name) continue;
    Part* attribute = node.find(node_field::attribute);
    MessageEdit& a = attribute ? MessageEdit::open(*attribute) : node.add_message(node_field::attribute);
    if (Part* value = a.find(attribute_field::t)) return &MessageEdit::open(*value);
    // A number, a list or a sparse tensor becomes a tensor.
    const source::SourceTensor& now = now_[t];
    const Result<Buffer> data = now_.data(t);
    write_attribute(a, "value", Tensor(TensorType(now.dtype, now.shape), data ? *data : Buffer{}));
    return &MessageEdit::open(*a.find(attribute_field::t));
  }
  return nullptr;
}

void Patch::write_data(TensorRef t, DType dtype, const Shape& shape, Bytes raw) {
  MessageEdit* tensor = stored_tensor(t);
  if (!tensor) {
    MessageEdit* g = graph(t.graph);
    if (!g) return;
    const std::string name = name_of(t);
    if (name.empty()) return refuse("the tensor has no name");
    for (Part* p : g->all(graph_field::sparse_initializer)) {
      Part* values = MessageEdit::open(*p).find(1);
      if (values && MessageEdit::open(*values).text(tensor_field::name) == name) g->remove(p);
    }
    tensor = &g->add_message(graph_field::initializer);
    tensor->set_text(tensor_field::name, name);
  }
  write_dims(*tensor, shape);
  tensor->set_integer(tensor_field::data_type, data_type_of(dtype));
  write_elements(*tensor, dtype, raw);
}

void Patch::make(const source::SetDType& e) {
  if (data_type_of(e.dtype) == 0) return refuse(fmt::format("ONNX has no {}", name(e.dtype)));
  const source::SourceTensor& now = now_[e.tensor];
  const auto declare = [&](MessageEdit& info) { write_dtype(info, e.dtype); };
  if (now.data.exists()) {
    MessageEdit* tensor = stored_tensor(e.tensor);
    if (!tensor || now.data.encoding == source::Encoding::encoded) {
      // Lists are of a dtype: their elements stay as raw ones.
      const Result<Buffer> data = now_.data(e.tensor);
      if (!data) return refuse("its data are not to be had");
      write_data(e.tensor, e.dtype, now.shape, data->bytes);
    } else {
      tensor->set_integer(tensor_field::data_type, data_type_of(e.dtype));
    }
    each_declaration(e.tensor, declare);
    return;
  }
  if (each_declaration(e.tensor, declare) || !trouble.empty()) return;
  if (MessageEdit* info = add_declaration(e.tensor, graph_field::value_info)) write_dtype(*info, e.dtype);
}

void Patch::make(const source::SetShape& e) {
  const source::SourceTensor& now = now_[e.tensor];
  const auto declare = [&](MessageEdit& info) { write_shape(info, e.shape); };
  if (now.data.exists()) {
    if (!e.shape.ranked()) return refuse("the shape of a constant is known");
    MessageEdit* tensor = stored_tensor(e.tensor);
    if (tensor)
      write_dims(*tensor, e.shape);
    else
      refuse("the tensor is stored sparse");
    each_declaration(e.tensor, declare);
    return;
  }
  if (each_declaration(e.tensor, declare) || !trouble.empty()) return;
  if (now.dtype == DType::unknown) return refuse("a value of unknown dtype cannot be declared");
  if (MessageEdit* info = add_declaration(e.tensor, graph_field::value_info)) {
    write_dtype(*info, now.dtype);
    write_shape(*info, e.shape);
  }
}

void Patch::make(const source::SetData& e) {
  const source::SourceTensor& now = now_[e.tensor];
  if (data_type_of(now.dtype) == 0) return refuse("a value of unknown dtype cannot be stored");
  write_data(e.tensor, now.dtype, now.shape, e.raw.bytes);
}

void Patch::make(const source::SetQuantization& e) {
  if (e.site >= now_.sites.size() ||
      (now_.sites[e.site].where != source::Where::node_inputs && !now_.sites[e.site].scales.tensor))
    return refuse("in ONNX scales and zero points are inputs of nodes: there is no place beside a tensor");
  source::Model after = now_;
  source::apply(after, e);
  const source::QuantizationSite& site = after.sites[e.site];
  for (const source::Parameters* list : {&site.scales, &site.zero_points}) {
    if (!list->tensor || list->values.empty()) continue;
    const source::SourceTensor& t = after[list->tensor];
    write_data(list->tensor, t.dtype, t.shape, t.data.bytes.bytes);
  }
  const source::QuantizationSite& before = now_.sites[e.site];
  const bool pair = site.node && (now_[site.node].op == "QuantizeLinear" || now_[site.node].op == "DequantizeLinear");
  if (pair && site.axis >= 0 && site.axis != before.axis) make(source::SetAttribute{site.node, "axis", std::int64_t{site.axis}});
  if (pair && site.block_size != before.block_size) make(source::SetAttribute{site.node, "block_size", site.block_size});
}

void Patch::make(const source::AddTensor& e) {
  MessageEdit* g = graph(e.graph);
  if (!g) return;
  if (e.name.empty()) return refuse("a tensor needs a name");
  const bool taken = std::ranges::any_of(now_.graphs[e.graph].tensors, [&](const auto& t) { return t.name == e.name; });
  if (taken) return refuse(fmt::format("there is a tensor '{}' already", e.name));
  const source::SourceTensor& t = e.tensor;
  if (t.data.exists()) {
    MessageEdit& tensor = g->add_message(graph_field::initializer);
    write_dims(tensor, t.shape);
    tensor.set_integer(tensor_field::data_type, data_type_of(t.dtype));
    tensor.set_text(tensor_field::name, e.name);
    write_elements(tensor, t.dtype, t.data.bytes.bytes);
  } else if (t.dtype != DType::unknown) {
    MessageEdit& info = g->add_message(graph_field::value_info);
    info.set_text(1, e.name);
    write_dtype(info, t.dtype);
    write_shape(info, t.shape);
  }
}

}  // namespace qgraph::formats::onnx
