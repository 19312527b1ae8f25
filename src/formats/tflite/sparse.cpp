// Decodes TFLite's sparse tensors (schema.fbs, "SparsityParameters"): levels in traversal order, each dense or compressed.
#include "formats/tflite/sparse.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/byte_reader.hpp"
#include "core/checked_math.hpp"

namespace qgraph::formats::tflite {
namespace {

struct Level {
  bool compressed = false;
  std::int64_t size = 0;  ///< of a dense level
  std::vector<std::int64_t> segments, indices;
  // What a coordinate of this level adds to coordinate `axis` of the tensor: value * step.
  std::size_t axis = 0;
  std::int64_t step = 1;
};

std::vector<std::int64_t> index_list(schema::SparseIndexVector type, const void* table) {
  const auto widen = [](const auto& v) { return std::vector<std::int64_t>(v.begin(), v.end()); };
  if (!table) return {};
  switch (type) {
    case schema::SparseIndexVector::Int32Vector:
      return widen(copy_list(static_cast<const schema::Int32Vector*>(table)->values()));
    case schema::SparseIndexVector::Uint16Vector:
      return widen(copy_list(static_cast<const schema::Uint16Vector*>(table)->values()));
    case schema::SparseIndexVector::Uint8Vector:
      return widen(copy_list(static_cast<const schema::Uint8Vector*>(table)->values()));
    default: return {};
  }
}

bool is_permutation(std::span<const std::int64_t> order, std::int64_t from) {
  std::vector<std::int64_t> sorted(order.begin(), order.end());
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i)
    if (sorted[i] != from + static_cast<std::int64_t>(i)) return false;
  return true;
}

class Decoder {
 public:
  Decoder(std::span<const std::byte> values, std::span<std::byte> dense, std::span<const std::int64_t> shape, unsigned width)
      : values_(values), dense_(dense), shape_(shape), width_(width), coordinates_(shape.size()), strides_(shape.size(), 1) {
    for (std::size_t i = shape.size(); i-- > 1;) strides_[i - 1] = strides_[i] * shape[i];
  }

  /// False, with a message, where levels and shape do not fit.
  bool prepare(const schema::SparsityParameters& s) {
    const auto order32 = copy_list(s.traversal_order());
    const auto map = copy_list(s.block_map());
    const std::vector<std::int64_t> order(order32.begin(), order32.end());
    const std::size_t rank = shape_.size(), blocks = map.size();
    const auto* metadata = s.dim_metadata();
    if (order.size() > 64) return fail(fmt::format("{} levels, more than any tensor has", order.size()));
    if (order.size() != rank + blocks || !metadata || metadata->size() != order.size())
      return fail(fmt::format("{} dimensions and {} block dimensions, but {} levels in order and {} described", rank, blocks,
                              order.size(), metadata ? metadata->size() : 0));
    const std::span<const std::int64_t> span(order);
    if (!is_permutation(span.first(rank), 0) || !is_permutation(span.subspan(rank), static_cast<std::int64_t>(rank)))
      return fail("the traversal order is no permutation of the dimensions");

    levels_.resize(order.size());
    for (std::size_t l = 0; l < levels_.size(); ++l) {
      const schema::DimensionMetadata& m = *metadata->Get(static_cast<flatbuffers::uoffset_t>(l));
      levels_[l].compressed = m.format() == schema::DimensionType::SPARSE_CSR;
      levels_[l].size = m.dense_size();
      if (!levels_[l].compressed && levels_[l].size < 0) return fail(fmt::format("level {} has a negative size", l));
      levels_[l].segments = index_list(m.array_segments_type(), m.array_segments());
      levels_[l].indices = index_list(m.array_indices_type(), m.array_indices());
      if (levels_[l].compressed && levels_[l].segments.empty()) return fail(fmt::format("level {} has no segments", l));
    }
    // A block dimension splits its axis: outer coordinates step by the product of the blocks on that axis.
    std::vector<std::int64_t> block_step(rank, 1);
    for (std::size_t b = blocks; b-- > 0;) {
      const auto axis = static_cast<std::size_t>(map[b]);
      if (map[b] < 0 || axis >= rank) return fail(fmt::format("block dimension {} maps to dimension {} of {}", b, map[b], rank));
      const auto at = std::ranges::find(order, static_cast<std::int64_t>(rank + b)) - order.begin();
      Level& level = levels_[static_cast<std::size_t>(at)];
      if (level.compressed) return fail("a block dimension is compressed");
      level.axis = axis;
      level.step = block_step[axis];
      const auto step = checked_mul(block_step[axis], level.size);
      if (!step || *step <= 0) return fail("a block has no size");
      block_step[axis] = *step;
    }
    for (std::size_t l = 0; l < levels_.size(); ++l)
      if (order[l] < static_cast<std::int64_t>(rank)) {
        levels_[l].axis = static_cast<std::size_t>(order[l]);
        levels_[l].step = block_step[levels_[l].axis];
      }
    return true;
  }

  bool run() {
    return level(0, 0) && (next_ * width_ + 7) / 8 == values_.size() ? true : error_.empty() ? fail(count_message()) : false;
  }
  const std::string& error() const { return error_; }

 private:
  bool fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
    return false;
  }
  std::string count_message() const {
    return fmt::format("the levels describe {} values, {} bytes are stored", next_, values_.size());
  }

  /// All of level l below the parent's position.
  bool level(std::size_t l, std::int64_t position) {
    if (l == levels_.size()) return element();
    const Level& here = levels_[l];
    std::int64_t begin = 0, end = here.size;
    if (here.compressed) {
      if (position + 1 >= static_cast<std::int64_t>(here.segments.size()))
        return fail(fmt::format("level {} has too few segments", l));
      begin = here.segments[static_cast<std::size_t>(position)];
      end = here.segments[static_cast<std::size_t>(position) + 1];
      if (begin < 0 || end < begin || end > static_cast<std::int64_t>(here.indices.size()))
        return fail(fmt::format("a segment of level {} runs from {} to {}, of {} indices", l, begin, end, here.indices.size()));
    }
    const std::int64_t outer = coordinates_[here.axis];
    std::int64_t last = -1;
    for (std::int64_t i = begin; i < end; ++i) {
      // Coordinates past the shape cannot end in an element, and a level that is dense has at most as many as its axis.
      const std::int64_t coordinate = here.compressed ? here.indices[static_cast<std::size_t>(i)] : i;
      if (coordinate <= last) return fail(fmt::format("the indices of level {} do not rise", l));
      last = coordinate;
      const auto moved = checked_mul(coordinate, here.step);
      const auto sum = moved ? checked_add(outer, *moved) : std::nullopt;
      if (!sum || coordinate < 0 || *sum >= shape_[here.axis])
        return fail(fmt::format("index {} of level {} lies outside of dimension {} of size {}", coordinate, l, here.axis,
                                shape_[here.axis]));
      coordinates_[here.axis] = *sum;
      const auto below = here.compressed ? std::optional(i) : checked_add(checked_mul(position, here.size).value_or(-1), i);
      if (!below || *below < 0) return fail("the levels describe too many positions");
      if (!level(l + 1, *below)) return false;
      coordinates_[here.axis] = outer;
    }
    return true;
  }

  bool element() {
    std::int64_t flat = 0;
    for (std::size_t i = 0; i < shape_.size(); ++i) flat += coordinates_[i] * strides_[i];
    const std::uint64_t from = next_ * width_, to = static_cast<std::uint64_t>(flat) * width_;
    if ((from + width_ + 7) / 8 > values_.size())
      return fail(fmt::format("more values are described than the {} bytes hold", values_.size()));
    ++next_;
    if (width_ >= 8) {
      std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(from / 8), width_ / 8,
                  dense_.begin() + static_cast<std::ptrdiff_t>(to / 8));
    } else {
      const auto bits = (std::to_integer<unsigned>(values_[from / 8]) >> (from % 8)) & ((1U << width_) - 1);
      dense_[to / 8] |= static_cast<std::byte>(bits << (to % 8));
    }
    return true;
  }

  std::span<const std::byte> values_;
  std::span<std::byte> dense_;
  std::span<const std::int64_t> shape_;
  unsigned width_;
  std::vector<std::int64_t> coordinates_, strides_;
  std::vector<Level> levels_;
  std::uint64_t next_ = 0;
  std::string error_;
};

Report malformed(const source::SourceTensor& tensor, std::string_view what) {
  return failure("QG1016", Cause::data_size_mismatch, fmt::format("the sparse data of '{}' do not fit: {}", tensor.name, what));
}

}  // namespace

std::optional<std::uint64_t> dense_bytes(const source::SourceTensor& tensor) {
  const auto elements = tensor.shape.elements();
  const auto bytes = elements ? byte_size(tensor.dtype, *elements) : std::nullopt;
  return bytes ? std::optional<std::uint64_t>(*bytes) : std::nullopt;
}

Result<Buffer> decode_sparse(const source::Model& model, const source::SourceTensor& tensor) {
  const State& state = state_of(model);
  const auto* stored = reinterpret_cast<const schema::Tensor*>(state.file.bytes.data() + tensor.origin.offset);
  const auto bytes = dense_bytes(tensor);
  if (!bytes || !stored->sparsity()) return malformed(tensor, "its shape or dtype has no size");
  if (*bytes > state.budgets.tensor_bytes || *bytes > state.budgets.decoded_bytes)
    return failure("QG9002", Cause::resource_limit,
                   fmt::format("'{}' takes {} bytes when dense, over the limit", tensor.name, *bytes));
  std::vector<std::byte> dense(static_cast<std::size_t>(*bytes));
  if (*bytes == 0) return Buffer::own(std::move(dense));
  Decoder decoder(tensor.data.bytes.bytes, dense, tensor.shape.dims(), static_cast<unsigned>(bits(tensor.dtype)));
  if (!decoder.prepare(*stored->sparsity()) || !decoder.run()) return malformed(tensor, decoder.error());
  return Buffer::copy_of(dense);
}

}  // namespace qgraph::formats::tflite
