// Reading the bytes of constants whose size contradicts their declaration.
#include "diagnose/stored_bytes.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <set>

#include "diagnose/words.hpp"

namespace qgraph::diagnose {
namespace {

/// The first reader, and the name that its op gives the operand.
struct Reader {
  source::NodeRef node{};
  std::string role{};
  std::uint32_t input = 0;
};

std::optional<Reader> reader_of(const RuleContext& c, source::TensorRef t) {
  const auto uses = c.uses.consumers(t);
  if (uses.empty()) return std::nullopt;
  Reader r{.node = uses[0].node, .input = uses[0].input};
  const source::SourceNode& node = c.model[r.node];
  if (r.input < node.input_names.size())
    r.role = std::string(node.input_names[r.input]);
  else if (const OpRow* row = source::row_of(c.model, node))
    if (const auto operand = operand_at(row->operands, r.input)) r.role = std::string(operand->name);
  return r;
}

/// As many elements as the bias of these weights has: then the shape is wrong, and not the dtype.
bool fits_as_bias(const RuleContext& c, source::TensorRef t, std::size_t present) {
  const source::SourceTensor& tensor = c.model[t];
  const auto reader = reader_of(c, t);
  const int width = bits(tensor.dtype);
  if (!reader || reader->role != "bias" || tensor.shape.rank() != 1 || width < 8) return false;
  const source::SourceNode& node = c.model[reader->node];
  const OpRow* row = source::row_of(c.model, node);
  const source::TensorRef weights = row ? source::operand(c.model, node, *row, "weights") : source::no_tensor;
  if (!weights || weights.dangling() || c.model[weights].shape.rank() == 0) return false;
  const Shape& w = c.model[weights].shape;
  const std::int64_t channels = node.op == "DEPTHWISE_CONV_2D" ? w.dims().back() : w[0];
  return channels > 0 && channels != tensor.shape[0] &&
         static_cast<std::uint64_t>(channels) * (static_cast<std::uint64_t>(width) / 8) == present;
}

/// The first operand of the reader that is computed: its activation.
source::TensorRef activation_of(const RuleContext& c, const Reader& r) {
  for (const source::TensorRef t : c.model[r.node].inputs)
    if (t && !c.model[t].data.exists()) return t;
  return source::no_tensor;
}

bool plausible_floats(std::span<const std::byte> bytes) {
  std::size_t sane = 0;
  const std::size_t count = bytes.size() / 4;
  for (std::size_t i = 0; i < count; ++i) {
    float v = 0;
    std::memcpy(&v, bytes.data() + 4 * i, 4);
    if (!std::isfinite(v)) return false;
    const float a = std::fabs(v);
    sane += a == 0.0F || (a > 1e-12F && a < 1e6F) ? 1 : 0;
  }
  return count > 0 && sane * 100 >= count * 99;
}

bool unsigned_zero_point(const source::QuantizationSite* site) {
  return site && std::ranges::any_of(site->zero_points.values, [](double z) { return z > 127; });
}

void guess(const RuleContext& c, source::TensorRef t, StoredBytes& s) {
  const source::QuantizationSite* site = source::site_of(c.model, c.uses, t);
  const auto reader = reader_of(c, t);
  const source::TensorRef activation = reader ? activation_of(c, *reader) : source::no_tensor;
  const DType beside = activation ? c.model[activation].dtype : DType::unknown;
  const bool scaled = site && site->scales.known;
  const auto say_scale = [&] {
    if (scaled)
      s.grounds.push_back(evidence("scales", fmt::format("{} beside the tensor: it holds integers", site->scales.values.size())));
  };
  if (s.present == s.elements) {
    s.dtype = unsigned_zero_point(site) || (beside == DType::uint8 && site && !site->zero_points.values.empty()) ? DType::uint8
                                                                                                                 : DType::int8;
    say_scale();
  } else if (s.present == 2 * s.elements) {
    s.dtype = scaled ? DType::int16 : DType::float16;
    say_scale();
  } else if (s.present == 4 * s.elements) {
    const Result<Buffer> data = c.model.data(t);
    const bool floats = data.ok() && plausible_floats(data->bytes);
    s.dtype = floats ? DType::float32 : DType::int32;
    if (floats) s.grounds.push_back(evidence("as floats", "all finite and of ordinary size"));
  } else if (s.present == 8 * s.elements) {
    s.dtype = is_integer(c.model[t].dtype) ? DType::int64 : DType::float64;
  }
}

/// A node that changes no shape is declared to make another one of it.
bool contradicted(const RuleContext& c, source::TensorRef t, const Shape& shape) {
  return std::ranges::any_of(c.uses.consumers(t), [&](const auto& use) {
    const source::SourceNode& node = c.model[use.node];
    if ((node.op != "DequantizeLinear" && node.op != "DEQUANTIZE") || node.outputs.empty() || !node.outputs[0] ||
        node.outputs[0].dangling())
      return false;
    const Shape& made = c.model[node.outputs[0]].shape;
    return made.is_static() && made.rank() == shape.rank() && made != shape;
  });
}

}  // namespace

StoredBytes stored_bytes(const RuleContext& c, source::TensorRef t) {
  const source::SourceTensor& tensor = c.model[t];
  StoredBytes s;
  const auto count = tensor.shape.elements();
  if ((tensor.data.encoding != source::Encoding::raw && tensor.data.encoding != source::Encoding::external) || !count) return s;
  const auto needed = byte_size(tensor.dtype, *count);
  if (!needed) return s;
  s.needed = *needed;
  s.present = tensor.data.bytes.bytes.size();
  s.elements = static_cast<std::uint64_t>(*count);
  if (s.present == s.needed) return s;
  if (bits(tensor.dtype) < 8 && s.present == s.elements) {
    s.verdict = Stored::unpacked;
    return s;
  }
  const auto sizes = std::array<std::uint64_t, 4>{1, 2, 4, 8};
  if (s.elements > 1 && !fits_as_bias(c, t, s.present) &&
      std::ranges::any_of(sizes, [&](std::uint64_t size) { return s.present == size * s.elements; })) {
    s.verdict = Stored::other_dtype;
    guess(c, t, s);
    return s;
  }
  s.verdict = s.present < s.needed ? Stored::short_of : Stored::beyond;
  return s;
}

Place place_of_constant(const RuleContext& c, source::TensorRef t) {
  const auto reader = reader_of(c, t);
  if (!reader) return c.model.place(t);
  Place place = c.model.place(reader->node, t);
  place.input = reader->input;
  return place;
}

std::string constant_text(const RuleContext& c, source::TensorRef t) {
  const auto reader = reader_of(c, t);
  if (reader && !reader->role.empty() && reader->role != "input")
    return fmt::format("{} of {}", reader->role, in_quotes(c.model.display_name(reader->node)));
  return in_quotes(c.model.display_name(t));
}

bool plural(std::string_view constant) { return constant.starts_with("weights "); }

std::optional<Shape> shape_from_bytes(const RuleContext& c, source::TensorRef t) {
  const source::SourceTensor& tensor = c.model[t];
  const int width = bits(tensor.dtype);
  const std::size_t present = tensor.data.bytes.bytes.size();
  if (width < 8 || present == 0 || present % (static_cast<std::size_t>(width) / 8) != 0) return std::nullopt;
  const auto elements = static_cast<std::int64_t>(present / (static_cast<std::size_t>(width) / 8));
  const source::QuantizationSite* site = source::site_of(c.model, c.uses, t);
  // What the readers' operands and outputs allow: a channel count for the first and for the last dimension.
  std::set<std::int64_t> channels{1};
  for (const auto& use : c.uses.consumers(t)) {
    const source::SourceNode& node = c.model[use.node];
    for (const auto* list : {&node.inputs, &node.outputs})
      for (const source::TensorRef other : *list)
        if (other && other != t && c.model[other].shape.rank() > 0) channels.insert(c.model[other].shape.dims().back());
  }
  std::optional<Shape> found;
  for (std::size_t i = 0; i < tensor.shape.rank(); ++i) {
    std::int64_t rest = 1;
    for (std::size_t k = 0; k < tensor.shape.rank() && rest > 0; ++k)
      if (k != i) rest = tensor.shape[k] > 0 && rest <= elements / tensor.shape[k] ? rest * tensor.shape[k] : 0;
    if (rest <= 0 || elements % rest != 0) continue;
    Shape shape = tensor.shape;
    shape[i] = elements / rest;
    // As many scales as channels say it more surely than the operands beside it do.
    const bool by_scales = site && site->scales.values.size() > 1 && site->block_size == 0 && site->axis >= 0 &&
                           static_cast<std::size_t>(site->axis) == i &&
                           shape[i] == static_cast<std::int64_t>(site->scales.values.size());
    if (!by_scales && (!channels.contains(shape[0]) || !channels.contains(shape[shape.rank() - 1]))) continue;
    if (site && site->scales.values.size() > 1 && site->block_size == 0 && site->axis >= 0 &&
        static_cast<std::size_t>(site->axis) < shape.rank() &&
        shape[static_cast<std::size_t>(site->axis)] != static_cast<std::int64_t>(site->scales.values.size()))
      continue;
    if (contradicted(c, t, shape)) continue;
    if (found) return std::nullopt;
    found = shape;
  }
  return found;
}

}  // namespace qgraph::diagnose
