// Reads .qg: the verifier says whether the flatbuffer is safe to walk; sizes, indices and kinds are checked after it.
#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <cstring>

#include "core/checked_math.hpp"
#include "formats/qgraph/qg.hpp"
#include "formats/stored_model.hpp"
#include "qgraph_generated.h"

namespace qgraph::formats::qgraph {
namespace {

/// By bytes: the verifier checks where a vector's length lies, not where its elements do.
template <class T>
std::vector<T> list(const flatbuffers::Vector<T>* v) {
  std::vector<T> out(v ? v->size() : 0);
  if (!out.empty()) std::memcpy(out.data(), v->Data(), out.size() * sizeof(T));
  return out;
}
std::vector<std::size_t> positions(const flatbuffers::Vector<std::uint32_t>* v) {
  return v ? std::vector<std::size_t>(v->begin(), v->end()) : std::vector<std::size_t>{};
}
std::string text(const flatbuffers::String* s) { return s ? s->str() : std::string{}; }
std::vector<std::string> texts(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* v) {
  std::vector<std::string> out;
  if (v)
    for (const auto* s : *v) out.push_back(text(s));
  return out;
}

Report malformed(std::string headline, std::string why = {}) {
  return failure("QG1301", Cause::unreadable_file, std::move(headline), std::move(why));
}

class Reader {
 public:
  Reader(Buffer file, const stored::Model& model, const Budgets& budgets)
      : file_(std::move(file)), model_(model), budgets_(budgets) {}

  Result<StoredModel> read() {
    if (model_.data_offset() > file_.bytes.size() || model_.data_size() > file_.bytes.size() - model_.data_offset())
      return malformed("the constants end behind the end of the file",
                       "the file is truncated: it says " + std::to_string(model_.data_size()) + " bytes from byte " +
                           std::to_string(model_.data_offset()) + ", and has " + std::to_string(file_.bytes.size()));
    StoredModel out;
    out.format = text(model_.format());
    if (const auto* graphs = model_.graphs())
      for (const stored::Graph* g : *graphs) out.graphs.push_back(graph(*g));
    if (const auto* signatures = model_.signatures())
      for (const stored::Signature* s : *signatures)
        out.signatures.push_back({text(s->name()), GraphId{s->graph()}, texts(s->inputs()), texts(s->outputs()),
                                  positions(s->input_positions()), positions(s->output_positions())});
    if (const auto* variables = model_.variables())
      for (const stored::Variable* v : *variables) out.variables.push_back({text(v->name()), type(*v->type())});
    if (const auto* metadata = model_.metadata())
      for (const stored::Metadata* m : *metadata) out.metadata[text(m->key())] = text(m->value());
    if (failed_) return std::move(error_);
    return out;
  }

 private:
  void fail(Report r) {
    if (!failed_) error_ = std::move(r);
    failed_ = true;
  }

  TensorType type(const stored::Type& t) {
    const std::string word = text(t.dtype());
    // A variable to which nothing was assigned yet has no dtype.
    const auto dtype = word == name(DType::unknown) ? std::optional(DType::unknown) : dtype_from_name(word);
    if (!dtype || is_quantized(*dtype))
      fail(failure("QG1304", Cause::unsupported_dtype, "the dtype '" + word + "' is none that this version knows"));
    Shape shape = t.unknown_rank() ? Shape::unknown_rank() : Shape(list(t.shape()));
    const DType storage = dtype.value_or(DType::unknown);
    const auto* q = t.quantization();
    if (!q) return {storage, std::move(shape)};
    return {Quantized(storage, Quantization{list(q->scales()), list(q->zero_points()), q->axis(), q->block_size()}),
            std::move(shape)};
  }

  GraphTensor tensor(const stored::Tensor& t) {
    GraphTensor out{.name = text(t.name()),
                    .type = type(*t.type()),
                    .constant = t.constant(),
                    .state = t.state(),
                    .source_index = t.source_index()};
    if (out.constant && t.data()) {
      const std::uint64_t offset = t.data()->offset(), size = t.data()->size();
      if (offset > model_.data_size() || size > model_.data_size() - offset)
        fail(malformed("the data of '" + out.name + "' ends behind the constants"));
      else if (size > budgets_.tensor_bytes)
        fail(failure("QG9002", Cause::resource_limit,
                     "'" + out.name + "' has " + std::to_string(size) + " bytes, more than allowed"));
      else
        out.data = {file_.owner, file_.bytes.subspan(model_.data_offset() + offset, size)};
    }
    return out;
  }

  AttributeValue attribute(const stored::Attribute& a) {
    const auto wrong = [&]() -> AttributeValue {
      fail(malformed("the attribute '" + text(a.name()) + "' has no value of its kind"));
      return std::int64_t{0};
    };
    switch (a.kind()) {
      case stored::AttributeKind::integer: return a.integers() && a.integers()->size() == 1 ? a.integers()->Get(0) : wrong();
      case stored::AttributeKind::number: return a.numbers() && a.numbers()->size() == 1 ? a.numbers()->Get(0) : wrong();
      case stored::AttributeKind::text: return a.texts() && a.texts()->size() == 1 ? text(a.texts()->Get(0)) : wrong();
      case stored::AttributeKind::integers: return list(a.integers());
      case stored::AttributeKind::numbers: return list(a.numbers());
      case stored::AttributeKind::texts: return texts(a.texts());
      case stored::AttributeKind::tensor: {
        if (!a.tensor()) return wrong();
        GraphTensor t = tensor(*a.tensor());
        return Tensor(std::move(t.type), std::move(t.data));
      }
    }
    fail(failure("QG1304", Cause::invalid_attribute,
                 "the attribute '" + text(a.name()) + "' is of a kind that this version does not know"));
    return std::int64_t{0};
  }

  StoredNode node(const stored::Node& n) {
    StoredNode out{.op = text(n.op()),
                   .name = text(n.name()),
                   .inputs = list(n.inputs()),
                   .outputs = list(n.outputs()),
                   .bodies = list(n.bodies()),
                   .source_index = n.source_index()};
    if (const auto* attributes = n.attributes())
      for (const stored::Attribute* a : *attributes) out.attributes.set(a->name()->string_view(), attribute(*a));
    return out;
  }

  StoredGraph graph(const stored::Graph& g) {
    StoredGraph out{.name = text(g.name()), .inputs = list(g.inputs()), .outputs = list(g.outputs())};
    if (const auto* tensors = g.tensors())
      for (const stored::Tensor* t : *tensors) out.tensors.push_back(tensor(*t));
    if (const auto* nodes = g.nodes())
      for (const stored::Node* n : *nodes) out.nodes.push_back(node(*n));
    return out;
  }

  Buffer file_;
  const stored::Model& model_;
  const Budgets& budgets_;
  bool failed_ = false;
  Report error_;
};

}  // namespace

Result<Model> read(ReadContext& context) {
  static const Budgets defaults;
  const Budgets& budgets = context.budgets ? *context.budgets : defaults;
  Buffer file = context.file;
  // A file is mapped at a page. Bytes from memory may lie anywhere: kernels and flatbuffers want them aligned.
  if (reinterpret_cast<std::uintptr_t>(file.bytes.data()) % alignment != 0) file = Buffer::copy_of(file.bytes);
  // Offsets inside a flatbuffer are 31 bits; the constants behind it may reach further.
  const std::size_t size = std::min<std::size_t>(file.bytes.size(), FLATBUFFERS_MAX_BUFFER_SIZE - 1);
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(file.bytes.data()), size, 64, budgets.tensors * 16U);
  if (!stored::VerifyModelBuffer(verifier))
    return malformed("the file is damaged: its flatbuffer does not verify",
                     "an offset or a size in it points outside of the file");
  const stored::Model& model = *stored::GetModel(file.bytes.data());
  if (model.version() != version)
    return failure(
        "QG1302", Cause::unsupported_version,
        "the file is of version " + std::to_string(model.version()) + ", this qgraph reads version " + std::to_string(version),
        "a newer qgraph has written it, with something that an older one must not overlook");
  auto stored = Reader(std::move(file), model, budgets).read();
  if (!stored) return std::move(stored).error();
  return rebuild(*std::move(stored), budgets);
}

}  // namespace qgraph::formats::qgraph
