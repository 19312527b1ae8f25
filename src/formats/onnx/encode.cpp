// Values to protobuf. Numbers are stored as raw_data, texts as a list.
#include "formats/onnx/encode.hpp"

#include <cstring>

#include "core/byte_reader.hpp"
#include "formats/onnx/schema.hpp"
#include "formats/onnx/tensor_types.hpp"

namespace qgraph::formats::onnx {
namespace {

namespace tf = tensor_field;
namespace af = attribute_field;

/// The tensor type within a ValueInfoProto's type, made where there is none.
MessageEdit& tensor_type(MessageEdit& value_info) {
  Part* type = value_info.find(2);
  MessageEdit& opened = type ? MessageEdit::open(*type) : value_info.add_message(2);
  for (const std::uint32_t kind : {1U, 8U})
    if (Part* tensor = opened.find(kind)) return MessageEdit::open(*tensor);
  return opened.add_message(1);
}

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

void write_elements(MessageEdit& tensor, DType dtype, Bytes raw) {
  for (const std::uint32_t list : {tf::float_data, tf::int32_data, tf::string_data, tf::int64_data, tf::double_data,
                                   tf::uint64_data, tf::external_data, tf::data_location})
    tensor.remove(list);
  if (dtype != DType::string) return tensor.set_bytes(tf::raw_data, raw);
  tensor.remove(tf::raw_data);
  const ByteReader reader(raw);
  const std::int32_t count = reader.at<std::int32_t>(0).value_or(0);
  for (std::int32_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::uint64_t>(i) * 4 + 4;
    const auto from = reader.at<std::uint32_t>(at), to = reader.at<std::uint32_t>(at + 4);
    if (!from || !to || *to < *from) return;
    tensor.add_text(tf::string_data, reader.text(*from, *to - *from).value_or(std::string_view{}));
  }
}

void write_dims(MessageEdit& tensor, const Shape& shape) {
  tensor.remove(tf::dims);
  for (const std::int64_t d : shape) tensor.add_integer(tf::dims, d);
}

void write_attribute(MessageEdit& a, std::string_view name, const AttributeValue& value) {
  for (const std::uint32_t field : {af::f, af::i, af::s, af::t, af::g, af::floats, af::ints, af::strings, af::tensors, af::graphs,
                                    af::sparse_tensor, af::ref_attr_name})
    a.remove(field);
  a.set_text(af::name, name);
  std::visit(Overloaded{
                 [&](std::int64_t v) {
                   a.set_integer(af::type, 2);
                   a.add_integer(af::i, v);
                 },
                 [&](double v) {
                   a.set_integer(af::type, 1);
                   a.add_float(af::f, static_cast<float>(v));
                 },
                 [&](const std::string& v) {
                   a.set_integer(af::type, 3);
                   a.add_text(af::s, v);
                 },
                 [&](const std::vector<std::int64_t>& v) {
                   a.set_integer(af::type, 7);
                   for (const std::int64_t i : v) a.add_integer(af::ints, i);
                 },
                 [&](const std::vector<double>& v) {
                   a.set_integer(af::type, 6);
                   for (const double d : v) a.add_float(af::floats, static_cast<float>(d));
                 },
                 [&](const std::vector<std::string>& v) {
                   a.set_integer(af::type, 8);
                   for (const std::string& s : v) a.add_text(af::strings, s);
                 },
                 [&](const Tensor& v) {
                   a.set_integer(af::type, 4);
                   MessageEdit& t = a.add_message(af::t);
                   write_dims(t, v.type.shape);
                   t.set_integer(tf::data_type, data_type_of(v.type.storage()));
                   write_elements(t, v.type.storage(), v.data.bytes);
                 },
             },
             value);
}

void write_dtype(MessageEdit& value_info, DType dtype) { tensor_type(value_info).set_integer(1, data_type_of(dtype)); }

void write_shape(MessageEdit& value_info, const Shape& shape) {
  MessageEdit& type = tensor_type(value_info);
  if (!shape.ranked()) return type.remove(2);
  Part* stored = type.find(2);
  MessageEdit& dims = stored ? MessageEdit::open(*stored) : type.add_message(2);
  std::vector<Part*> old = dims.all(1);
  for (std::size_t i = shape.rank(); i < old.size(); ++i) dims.remove(old[i]);
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    MessageEdit& dim = i < old.size() ? MessageEdit::open(*old[i]) : dims.add_message(1);
    if (shape[i] < 0) {
      dim.remove(1);
    } else {
      dim.remove(2);
      dim.set_integer(1, shape[i]);
    }
  }
}

}  // namespace qgraph::formats::onnx
