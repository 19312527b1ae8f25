// Writes a Model as .qg: first the flatbuffer, then the constants, each at a multiple of 64 bytes. Equal bytes lie there once.
#include <flatbuffers/flatbuffers.h>

#include <cstring>
#include <map>
#include <utility>

#include "formats/qgraph/qg.hpp"
#include "formats/stored_model.hpp"
#include "qgraph_generated.h"

namespace qgraph::formats::qgraph {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

constexpr std::size_t aligned(std::size_t n) { return (n + alignment - 1) / alignment * alignment; }

/// Where each constant goes behind the flatbuffer. Constants that share memory (tied weights) share their place.
class Section {
 public:
  stored::Bytes place(const Buffer& data) {
    if (data.bytes.empty()) return {0, 0};
    const auto [found, added] = places_.try_emplace({data.bytes.data(), data.bytes.size()}, size_);
    if (added) {
      order_.push_back({data.bytes, size_});
      size_ = aligned(size_ + data.bytes.size());
    }
    return {found->second, data.bytes.size()};
  }
  std::size_t size() const { return size_; }
  void copy_to(std::byte* section) const {
    for (const auto& [bytes, offset] : order_) std::memcpy(section + offset, bytes.data(), bytes.size());
  }

 private:
  std::map<std::pair<const std::byte*, std::size_t>, std::size_t> places_;
  std::vector<std::pair<std::span<const std::byte>, std::size_t>> order_;
  std::size_t size_ = 0;
};

class Writer {
 public:
  std::vector<std::byte> write(const StoredModel& model) {
    std::vector<Offset<stored::Graph>> graphs;
    for (const StoredGraph& g : model.graphs) graphs.push_back(graph(g));
    std::vector<Offset<stored::Signature>> signatures;
    for (const Signature& s : model.signatures) signatures.push_back(signature(s));
    std::vector<Offset<stored::Variable>> variables;
    for (const Variable& v : model.variables) variables.push_back(stored::CreateVariable(b_, text(v.name), type(v.type)));
    std::vector<Offset<stored::Metadata>> metadata;
    for (const auto& [key, value] : model.metadata)
      metadata.push_back(stored::CreateMetadata(b_, text(key), b_.CreateString(value)));
    const auto format = text(model.format);
    const auto graph_list = b_.CreateVector(graphs);
    const auto signature_list = b_.CreateVector(signatures);
    const auto variable_list = b_.CreateVector(variables);
    const auto metadata_list = b_.CreateVector(metadata);
    b_.ForceDefaults(true);  // data_offset is set below, when the size of all this is known
    const auto root =
        stored::CreateModel(b_, version, format, graph_list, signature_list, variable_list, metadata_list, 0, section_.size());
    b_.Finish(root, stored::ModelIdentifier());
    const std::size_t start = aligned(b_.GetSize());
    flatbuffers::GetMutableRoot<flatbuffers::Table>(b_.GetBufferPointer())
        ->SetField<std::uint64_t>(stored::Model::VT_DATA_OFFSET, start, 0);
    std::vector<std::byte> file(start + section_.size());
    std::memcpy(file.data(), b_.GetBufferPointer(), b_.GetSize());
    section_.copy_to(file.data() + start);
    return file;
  }

 private:
  Offset<flatbuffers::String> text(const std::string& s) { return b_.CreateSharedString(s); }
  Offset<flatbuffers::Vector<Offset<flatbuffers::String>>> texts(const std::vector<std::string>& list) {
    std::vector<Offset<flatbuffers::String>> out;
    for (const std::string& s : list) out.push_back(text(s));
    return b_.CreateVector(out);
  }
  Offset<flatbuffers::Vector<std::uint32_t>> indices(const std::vector<std::size_t>& list) {
    return b_.CreateVector(std::vector<std::uint32_t>(list.begin(), list.end()));
  }

  Offset<stored::Quantization> quantization(const Quantization& q) {
    return stored::CreateQuantization(b_, b_.CreateVector(q.scales), b_.CreateVector(q.zero_points), q.axis, q.block_size);
  }

  Offset<stored::Type> type(const TensorType& t) {
    const auto q = t.quantized() ? quantization(*t.quantization()) : Offset<stored::Quantization>{};
    const auto shape = b_.CreateVector(t.shape.dims().data(), t.shape.dims().size());
    return stored::CreateType(b_, b_.CreateSharedString(std::string(name(t.storage()))), shape, !t.shape.ranked(), q);
  }

  Offset<stored::Tensor> tensor(const GraphTensor& t) {
    const auto name = text(t.name);
    const auto of = type(t.type);
    const stored::Bytes data = t.constant ? section_.place(t.data) : stored::Bytes{};
    return stored::CreateTensor(b_, name, of, t.constant, t.state, t.constant ? &data : nullptr, t.source_index);
  }

  Offset<stored::Attribute> attribute(const std::string& key, const AttributeValue& value) {
    const auto name = text(key);
    const auto make = [&](stored::AttributeKind kind, Offset<flatbuffers::Vector<std::int64_t>> integers,
                          Offset<flatbuffers::Vector<double>> numbers = {},
                          Offset<flatbuffers::Vector<Offset<flatbuffers::String>>> words = {}, Offset<stored::Tensor> of = {}) {
      return stored::CreateAttribute(b_, name, kind, integers, numbers, words, of);
    };
    using Kind = stored::AttributeKind;
    if (const auto* i = std::get_if<std::int64_t>(&value)) return make(Kind::integer, b_.CreateVector(i, 1));
    if (const auto* d = std::get_if<double>(&value)) return make(Kind::number, {}, b_.CreateVector(d, 1));
    if (const auto* s = std::get_if<std::string>(&value)) return make(Kind::text, {}, {}, texts({*s}));
    if (const auto* i = std::get_if<std::vector<std::int64_t>>(&value)) return make(Kind::integers, b_.CreateVector(*i));
    if (const auto* d = std::get_if<std::vector<double>>(&value)) return make(Kind::numbers, {}, b_.CreateVector(*d));
    if (const auto* s = std::get_if<std::vector<std::string>>(&value)) return make(Kind::texts, {}, {}, texts(*s));
    const Tensor& t = std::get<Tensor>(value);
    return make(Kind::tensor, {}, {}, {}, tensor({.type = t.type, .data = t.data, .constant = true}));
  }

  Offset<stored::Node> node(const StoredNode& n) {
    std::vector<Offset<stored::Attribute>> attributes;
    for (const auto& [key, value] : n.attributes) attributes.push_back(attribute(key, value));
    const auto op = text(n.op), name = text(n.name);
    const auto inputs = b_.CreateVector(n.inputs), outputs = b_.CreateVector(n.outputs), bodies = b_.CreateVector(n.bodies);
    return stored::CreateNode(b_, op, name, inputs, outputs, bodies, b_.CreateVector(attributes), n.source_index);
  }

  Offset<stored::Graph> graph(const StoredGraph& g) {
    std::vector<Offset<stored::Tensor>> tensors;
    for (const GraphTensor& t : g.tensors) tensors.push_back(tensor(t));
    std::vector<Offset<stored::Node>> nodes;
    for (const StoredNode& n : g.nodes) nodes.push_back(node(n));
    const auto name = text(g.name);
    const auto tensor_list = b_.CreateVector(tensors);
    const auto node_list = b_.CreateVector(nodes);
    const auto inputs = b_.CreateVector(g.inputs), outputs = b_.CreateVector(g.outputs);
    return stored::CreateGraph(b_, name, tensor_list, node_list, inputs, outputs);
  }

  Offset<stored::Signature> signature(const Signature& s) {
    const auto name = text(s.name);
    const auto inputs = texts(s.inputs), outputs = texts(s.outputs);
    return stored::CreateSignature(b_, name, s.graph.value, inputs, outputs, indices(s.input_positions),
                                   indices(s.output_positions));
  }

  FlatBufferBuilder b_;
  Section section_;
};

}  // namespace

Result<std::vector<std::byte>> write(const Model& model) {
  auto stored = take_apart(model);
  if (!stored) return std::move(stored).error();
  return Writer().write(*stored);
}

}  // namespace qgraph::formats::qgraph
