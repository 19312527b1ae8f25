// Tensors: declarations, constants wherever they lie, and quantization sites.
#include <algorithm>
#include <cstring>

#include "core/mapped_file.hpp"
#include "formats/tflite/reading.hpp"
#include "formats/tflite/sparse.hpp"
#include "formats/tflite/tensor_types.hpp"

namespace qgraph::formats::tflite {
namespace {

using source::Encoding;
using source::TensorRef;

Shape shape_of(Reading& r, const schema::Tensor& t) {
  std::vector<std::int64_t> out;
  if (const auto* dims = t.shape(); dims && r.spend(dims->size())) out.assign(dims->begin(), dims->end());
  const std::vector<std::int32_t> signature = r.list(t.shape_signature());
  if (out.empty() && !t.has_rank() && r.uses_has_rank && t.buffer() == 0 && signature.empty()) return Shape::unknown_rank();
  if (signature.size() == out.size())
    for (std::size_t i = 0; i < out.size(); ++i)
      if (signature[i] < 0) out[i] = Shape::dynamic;
  return Shape(std::move(out));
}

/// Elements where they lie, or a copy where that is not aligned for their dtype.
Buffer aligned_for(DType dtype, Buffer data) {
  const auto width = static_cast<std::uintptr_t>(std::clamp(bits(dtype) / 8, 1, 8));
  if (data.empty() || reinterpret_cast<std::uintptr_t>(data.bytes.data()) % width == 0) return data;
  return Buffer::copy_of(data.bytes);
}

void missing_external(Reading& r, TensorRef ref, std::string_view what, std::string why) {
  auto& f =
      add_finding(r, "QG1015", Cause::missing_external_data,
                  fmt::format("the data of '{}' lie in another file: {}", r.model.display_name(ref), what), r.model.place(ref));
  f.diagnostic.why = std::move(why);
  f.breaks = {diagnose::Fact::tensor(ref, diagnose::Aspect::data)};
}

/// A name in the model's own folder, and no way out of it.
bool stays_in_folder(const std::filesystem::path& name) {
  return !name.empty() && name.is_relative() && std::ranges::none_of(name, [](const auto& part) { return part == ".."; });
}

/// A group's file, mapped once.
const std::optional<Buffer>& external_file(Reading& r, TensorRef ref, std::uint32_t group) {
  const auto known = r.external_files.find(group);
  if (known != r.external_files.end()) return known->second;
  std::optional<Buffer>& file = r.external_files[group];
  const auto* groups = r.root.external_buffer_groups();
  const std::string_view name = groups && group < groups->size() ? text(groups->Get(group)->name()) : std::string_view{};
  const std::string quoted = fmt::format("'{}'", name);
  if (!stays_in_folder(std::filesystem::path(name))) {
    missing_external(r, ref, quoted, "its name leads out of the model's folder, or is empty");
  } else if (r.context.path.empty()) {
    missing_external(r, ref, quoted, "the model was loaded from memory: it has no folder");
  } else if (auto mapped = map_file(r.context.path.parent_path() / name, r.state.budgets.file_bytes)) {
    file = *mapped;
  } else {
    missing_external(r, ref, quoted,
                     mapped.error().diagnostics.empty() ? "it cannot be opened" : mapped.error().diagnostics[0].headline);
  }
  return file;
}

void read_external(Reading& r, TensorRef ref, std::uint32_t id) {
  source::SourceTensor& tensor = r.model[ref];
  tensor.data.encoding = Encoding::missing;
  const schema::ExternalBuffer* entry = nullptr;
  if (r.root.external_buffers())
    for (const schema::ExternalBuffer* e : *r.root.external_buffers())
      if (e->id() == id) entry = e;
  if (!entry) {
    auto& f =
        add_finding(r, "QG4009", Cause::dangling_reference,
                    fmt::format("'{}' names external data {}, which the file does not describe", r.model.display_name(ref), id),
                    r.model.place(ref));
    f.breaks = {diagnose::Fact::tensor(ref, diagnose::Aspect::data)};
    return;
  }
  if (!text(entry->packing()).empty())
    return missing_external(r, ref, fmt::format("packed as '{}'", text(entry->packing())), "this packing is not known");
  const std::optional<Buffer>& file = external_file(r, ref, entry->group());
  if (!file) return;
  if (entry->offset() > file->bytes.size() || entry->length() > file->bytes.size() - entry->offset())
    return missing_external(r, ref, fmt::format("{} bytes at byte {}", entry->length(), entry->offset()),
                            fmt::format("that file has {} bytes", file->bytes.size()));
  const auto part = file->bytes.subspan(static_cast<std::size_t>(entry->offset()), static_cast<std::size_t>(entry->length()));
  tensor.data.encoding = Encoding::external;
  tensor.data.bytes = aligned_for(tensor.dtype, Buffer{file->owner, part});
}

void read_data(Reading& r, TensorRef ref, const schema::Tensor& t) {
  source::SourceTensor& tensor = r.model[ref];
  if (t.external_buffer() != 0) return read_external(r, ref, t.external_buffer());
  tensor.data.storage_index = t.buffer();
  if (t.buffer() == 0) return;  // by the schema it stands for no data, whatever a file keeps there
  const std::uint32_t buffers = r.root.buffers() ? r.root.buffers()->size() : 0;
  if (t.buffer() >= buffers) {
    tensor.data.encoding = Encoding::missing;
    auto& f = add_finding(r, "QG4003", Cause::dangling_reference,
                          fmt::format("'{}' names buffer {}, the file has {}", r.model.display_name(ref), t.buffer(), buffers),
                          r.model.place(ref));
    f.diagnostic.expected = fmt::format("a buffer below {}", buffers);
    f.diagnostic.found = fmt::format("{}", t.buffer());
    f.breaks = {diagnose::Fact::tensor(ref, diagnose::Aspect::data)};
    return;
  }
  auto data = buffer_data(r, t.buffer(), r.model.place(ref));
  if (!data) {
    tensor.data.encoding = Encoding::missing;
    r.context.findings->list().back().breaks = {diagnose::Fact::tensor(ref, diagnose::Aspect::data)};
    return;
  }
  if (data->empty()) return;
  tensor.data.bytes = aligned_for(tensor.dtype, *std::move(data));
  tensor.data.encoding = Encoding::raw;
  if (!t.sparsity() || !t.sparsity()->dim_metadata()) return;
  tensor.data.encoding = Encoding::sparse;
  tensor.data.decode = &decode_sparse;
  const std::uint64_t dense = dense_bytes(tensor).value_or(0);
  if (dense > r.decoded_left)
    r.over_limit("decoded bytes");
  else
    r.decoded_left -= dense;
}

template <class T>
source::Parameters parameters(Reading& r, const flatbuffers::Vector<T>* v, DType dtype) {
  source::Parameters list{.dtype = dtype};
  if (v && r.spend(v->size())) {
    list.values.resize(v->size());
    // Element by element: a damaged file's lists of 64 bits may lie at any multiple of 4.
    for (std::size_t i = 0; i < list.values.size(); ++i) {
      T value;
      std::memcpy(&value, v->Data() + i * sizeof(T), sizeof(T));
      list.values[i] = static_cast<double>(value);
    }
  }
  list.known = !list.values.empty();
  return list;
}

void read_site(Reading& r, TensorRef ref, const schema::QuantizationParameters& q) {
  source::QuantizationSite site{.stored = ref, .real = ref};
  site.scales = parameters(r, q.scale(), DType::float32);
  site.min = parameters(r, q.min(), DType::float32);
  site.max = parameters(r, q.max(), DType::float32);
  site.zero_points = parameters(r, q.zero_point(), DType::int64);
  const bool details = q.details_type() != schema::QuantizationDetails::NONE;
  if (!site.scales.known && !site.zero_points.known && !site.min.known && !site.max.known && !details) return;
  if (site.scales.values.size() > 1 || site.zero_points.values.size() > 1) site.axis = q.quantized_dimension();
  site.axis_given =
      reinterpret_cast<const flatbuffers::Table&>(q).CheckField(schema::QuantizationParameters::VT_QUANTIZED_DIMENSION);
  site.origin = {static_cast<std::uint64_t>(r.offset_of(&q)), 0};
  if (q.details_as_BlockwiseQuantization()) {
    site.block_size = q.details_as_BlockwiseQuantization()->block_size();
    site.axis = q.quantized_dimension();
  } else if (q.details_as_MultiAxisQuantization()) {
    const auto axes = r.list(q.details_as_MultiAxisQuantization()->quantized_dimensions());
    site.block_size = q.details_as_MultiAxisQuantization()->block_size();
    if (axes.size() == 1)
      site.axis = axes[0];
    else
      site.details = "MultiAxisQuantization";
  } else if (details) {
    const char* known = schema::EnumNameQuantizationDetails(q.details_type());
    site.details = *known ? std::string_view(known) : std::string_view("an unknown kind of quantization details");
  }
  r.model.sites.push_back(std::move(site));
}

/// Scales or zero points that are a tensor of the graph.
void read_parameter_tensor(Reading& r, const source::QuantizationSite& site, source::Parameters& list, std::int32_t index,
                           std::string_view what) {
  const std::uint32_t graph = site.stored.graph;
  const auto& tensors = r.model.graphs[graph].tensors;
  if (index < 0 || static_cast<std::size_t>(index) >= tensors.size()) {
    list.tensor = source::dangling_tensor(graph);
    auto& f = add_finding(r, "QG4008", Cause::dangling_reference,
                          fmt::format("the {} of '{}' are tensor {}, the graph has {}", what, r.model.display_name(site.stored),
                                      index, tensors.size()),
                          r.model.place(site.stored));
    f.breaks = {diagnose::Fact::tensor(site.stored, diagnose::Aspect::quantization)};
    return;
  }
  list.tensor = {graph, static_cast<std::uint32_t>(index)};
  const source::SourceTensor& tensor = r.model[list.tensor];
  list.dtype = tensor.dtype;
  list.shape = tensor.shape;
  if (!r.spend(tensor.data.bytes.bytes.size())) return;
  if (auto values = r.model.numbers(list.tensor)) {
    list.values = *std::move(values);
    list.known = true;
  }
}

/// The dimension that is cut into blocks. Files write quantized_dimension 0 whichever it is; the scales' shape shows it.
int blocked_axis(const Shape& tensor, const std::optional<Shape>& scales, std::int64_t block, int written) {
  if (block <= 0 || tensor.rank() == 0) return written;
  if (scales && scales->rank() == tensor.rank()) {
    for (std::size_t axis = tensor.rank(); axis-- > 0;) {
      bool fits = tensor[axis] > 0 && (tensor[axis] - 1) / block + 1 == (*scales)[axis];
      for (std::size_t i = 0; i < tensor.rank() && fits; ++i) fits = i == axis || tensor[i] == (*scales)[i];
      if (fits) return static_cast<int>(axis);
    }
  }
  return static_cast<int>(tensor.rank()) - 1;
}

void finish_site(Reading& r, source::QuantizationSite& site, const schema::QuantizationParameters& q) {
  std::int32_t scales = -1, zero_points = -1;
  if (const auto* b = q.details_as_BlockwiseQuantization()) {
    scales = b->scales();
    zero_points = b->zero_points();
  } else if (const auto* m = q.details_as_MultiAxisQuantization()) {
    scales = m->scales();
    zero_points = m->zero_points();
  } else {
    return;
  }
  // The details stand for the other fields, which are then ignored.
  site.scales = {};
  site.zero_points = {};
  read_parameter_tensor(r, site, site.scales, scales, "scales");
  if (zero_points >= 0) read_parameter_tensor(r, site, site.zero_points, zero_points, "zero points");
  if (q.details_type() == schema::QuantizationDetails::BlockwiseQuantization)
    site.axis = blocked_axis(r.model[site.stored].shape, site.scales.shape, site.block_size, site.axis);
}

}  // namespace

void read_tensors(Reading& r, std::uint32_t graph) {
  const auto* stored = r.root.subgraphs()->Get(graph)->tensors();
  if (!stored) return;
  auto& tensors = r.model.graphs[graph].tensors;
  tensors.reserve(stored->size());
  for (std::uint32_t i = 0; i < stored->size() && !r.stopped; ++i) {
    const schema::Tensor& t = *stored->Get(i);
    source::SourceTensor tensor;
    tensor.name = text(t.name());
    tensor.dtype = dtype_of(t.type());
    if (tensor.dtype == DType::unknown) tensor.unknown_dtype = r.model.keep(fmt::format("{}", static_cast<int>(t.type())));
    tensor.shape = shape_of(r, t);
    tensor.state = t.is_variable();
    tensor.file_index = i;
    tensor.origin = {static_cast<std::uint64_t>(r.offset_of(&t)), 0};
    tensors.push_back(std::move(tensor));
    read_data(r, {graph, i}, t);
    if (t.quantization()) read_site(r, {graph, i}, *t.quantization());
  }
}

void finish_sites(Reading& r) {
  for (source::QuantizationSite& site : r.model.sites) {
    if (r.stopped) return;
    finish_site(r, site,
                *reinterpret_cast<const schema::QuantizationParameters*>(r.state.file.bytes.data() + site.origin.offset));
  }
}

void finish_tensors(Reading& r, std::uint32_t graph) {
  source::SourceGraph& g = r.model.graphs[graph];
  std::vector<bool> made(g.tensors.size());
  const auto mark = [&](const std::vector<TensorRef>& list) {
    for (const TensorRef t : list)
      if (t) made[t.index] = true;
  };
  mark(g.inputs);
  for (const source::SourceNode& n : g.nodes) mark(n.outputs);
  for (std::size_t i = 0; i < g.tensors.size(); ++i) {
    source::SourceTensor& t = g.tensors[i];
    // No bytes is all that a constant of no elements has.
    if (!made[i] && !t.state && t.data.encoding == Encoding::none && t.data.storage_index > 0 && t.shape.elements() == 0)
      t.data.encoding = Encoding::raw;
  }
}

}  // namespace qgraph::formats::tflite
