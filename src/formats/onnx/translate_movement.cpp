// ONNX's ops that move elements, by opset: what was an attribute became an operand.
#include <algorithm>

#include "formats/onnx/tensor_types.hpp"
#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

/// An operand that older opsets have as an attribute; absent where neither is there.
Value list(const SourceNode& n, GraphBuilder& g, std::size_t operand, std::string_view attribute) {
  if (given(n, operand)) return n.input(operand);
  if (!n.attribute(attribute)) return {};
  return constant(g, n.integers(attribute));
}

std::vector<TensorType> open_outputs(const SourceNode& n) {
  return std::vector<TensorType>(n.output_count(), TensorType(DType::unknown, Shape::unknown_rank()));
}

/// What moves elements of operand 0, in its dtype.
Outputs as_input(const SourceNode& n, GraphBuilder& g, const Value& moved) {
  return given(n, 0) && narrow_float(n.input(0).type().dtype()) ? narrowed(g, moved, n.input(0).type().dtype()) : Outputs(moved);
}

}  // namespace

Result<Outputs> lower_reshape(const SourceNode& n, GraphBuilder& g) {
  const Attributes attributes{{"zero_copies", std::int64_t{n.integer("allowzero") == 0}}};
  const Value x = wide_to_move(g, n.input(0));
  return as_input(n, g, given(n, 1) ? Value(g.add("reshape", {x, n.input(1)}, attributes)) : reshape(g, x, n.integers("shape")));
}

Result<Outputs> lower_squeeze(const SourceNode& n, GraphBuilder& g) {
  const Value axes = list(n, g, 1, "axes");
  const Value x = wide_to_move(g, n.input(0));
  return as_input(n, g, axes ? g.add("squeeze", {x, axes}) : g.add("squeeze", {x}));
}
Result<Outputs> lower_unsqueeze(const SourceNode& n, GraphBuilder& g) {
  return as_input(n, g, g.add("expand_dims", {wide_to_move(g, n.input(0)), list(n, g, 1, "axes")}));
}

/// Two dimensions: the product of those before the axis, and of the others.
Result<Outputs> lower_flatten(const SourceNode& n, GraphBuilder& g) {
  const Value x = wide_to_move(g, n.input(0));
  const auto rank = rank_of(x);
  std::int64_t axis = n.integer("axis", 1);
  if (axis == 0) return as_input(n, g, reshape(g, x, {1, -1}));
  if (!rank && axis == 1) return as_input(n, g, reshape(g, x, {0, -1}));
  if (!rank) return refuse(n, Cause::shape_mismatch, "the rank of what is flattened is not known");
  if (axis < 0) axis += static_cast<std::int64_t>(*rank);
  if (axis < 0 || axis > static_cast<std::int64_t>(*rank))
    return refuse(n, Cause::invalid_attribute,
                  "axis " + std::to_string(n.integer("axis", 1)) + " is outside of rank " + std::to_string(*rank));
  const auto& shape = x.type().shape;
  const auto split = static_cast<std::size_t>(axis);
  const auto before = Shape(shape.dims().first(split)).elements(), behind = Shape(shape.dims().subspan(split)).elements();
  if (before && behind) return as_input(n, g, reshape(g, x, {*before == 0 ? -1 : *before, *before == 0 ? *behind : *behind}));
  if (before && *before > 0) return as_input(n, g, reshape(g, x, {*before, -1}));
  if (behind && *behind > 0) return as_input(n, g, reshape(g, x, {-1, *behind}));
  const auto product = [&](std::int64_t from, std::int64_t to) {
    const Value dims = g.add("shape", {x}, {{"out_type", std::string("int64")}, {"start", from}, {"end", to}});
    return Value(g.add("reduce_prod", {dims}, {{"keep_dims", std::int64_t{1}}}));
  };
  const Value target = g.add("concatenation", {product(0, axis), product(axis, static_cast<std::int64_t>(*rank))});
  return as_input(n, g, g.add("reshape", {x, target}));
}

Result<Outputs> lower_transpose(const SourceNode& n, GraphBuilder& g) {
  return as_input(n, g, transpose(g, wide_to_move(g, n.input(0)), n.integers("perm")));
}

Result<Outputs> lower_concat(const SourceNode& n, GraphBuilder& g) {
  std::vector<Value> parts;
  bool wide = true;
  for (std::size_t i = 0; i < n.input_count(); ++i) {
    parts.push_back(wide_to_move(g, n.input(i)));
    wide = wide && parts.back() && parts.back().type().dtype() == DType::float32;
  }
  for (std::size_t i = 0; !wide && i < parts.size(); ++i) parts[i] = n.input(i);
  return as_input(n, g, g.add("concatenation", std::move(parts), {{"axis", n.integer("axis", 1)}}));
}

Result<Outputs> lower_split(const SourceNode& n, GraphBuilder& g) {
  const Value sizes = list(n, g, 1, "split");
  const std::int64_t parts = n.integer("num_outputs", static_cast<std::int64_t>(n.output_count()));
  if (parts != static_cast<std::int64_t>(n.output_count()))
    return refuse(n, Cause::invalid_attribute,
                  "'num_outputs' is " + std::to_string(parts) + ", the node has " + std::to_string(n.output_count()));
  std::vector<Value> inputs{n.input(0)};
  if (sizes) inputs.push_back(sizes);
  return g.add("split", std::move(inputs), {{"axis", n.integer("axis")}, {"uneven", std::int64_t{n.version() >= 18}}},
               open_outputs(n));
}

/// With constants where nothing else stands in the way, strided_slice.
Result<Outputs> lower_slice(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0), starts = list(n, g, 1, "starts"), ends = list(n, g, 2, "ends"), axes = list(n, g, 3, "axes");
  const Value steps = n.input(4);
  if (!starts || !ends) return refuse(n, Cause::missing_attribute, "'Slice' needs starts and ends");
  const auto rank = rank_of(x);
  const auto first = integers(starts), last = integers(ends), which = integers(axes), step = integers(steps);
  bool constant_places = rank && first && last && (!axes || which) && (!steps || step) && first->size() == last->size() &&
                         (!which || which->size() == first->size()) && (!step || step->size() == first->size());
  if (constant_places) {
    std::vector<std::int64_t> begin(*rank, 0), end(*rank, 0x7FFF'FFFF), stride(*rank, 1);
    for (std::size_t i = 0; i < first->size(); ++i) {
      std::int64_t axis = which ? (*which)[i] : static_cast<std::int64_t>(i);
      if (axis < 0) axis += static_cast<std::int64_t>(*rank);
      const std::int64_t by = step ? (*step)[i] : 1;
      // Steps backwards from before the first element: ONNX's rule is not NumPy's.
      if (axis < 0 || axis >= static_cast<std::int64_t>(*rank) || (by < 0 && (*first)[i] < 0 && (*first)[i] != -1)) {
        constant_places = false;
        break;
      }
      const auto at = static_cast<std::size_t>(axis);
      const auto place = [](std::int64_t v) { return std::clamp<std::int64_t>(v, -0x7FFF'FFFF, 0x7FFF'FFFF); };
      begin[at] = place((*first)[i]);
      end[at] = place((*last)[i]);
      stride[at] = place(by);
    }
    if (constant_places) return g.add("strided_slice", {x, constant(g, begin), constant(g, end), constant(g, stride)});
  }
  return g.add("onnx.slice", {x, starts, ends, axes, steps});
}

Result<Outputs> lower_gather(const SourceNode& n, GraphBuilder& g) {
  return as_input(n, g,
                  g.add("gather", {wide_to_move(g, n.input(0)), n.input(1)},
                        {{"axis", n.integer("axis")}, {"negative_indices", std::int64_t{1}}}));
}
Result<Outputs> lower_gather_nd(const SourceNode& n, GraphBuilder& g) {
  return g.add("gather_nd", {n.input(0), n.input(1)},
               {{"batch_dims", n.integer("batch_dims")}, {"negative_indices", std::int64_t{1}}});
}

/// By opset: pads and value as attributes ("paddings" in the first), then as operands, then with axes.
Result<Outputs> lower_pad(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (!x) return refuse(n, Cause::dangling_reference, "'Pad' needs an operand");
  const Value pads = list(n, g, 1, n.version() < 2 ? "paddings" : "pads");
  if (!pads) return refuse(n, Cause::missing_attribute, "'Pad' needs pads");
  Value value = n.input(2);
  if (!value && n.number("value") != 0.0) value = constant(g, x.type().storage(), n.number("value"));
  const Value axes = n.input(3);
  const std::string mode = n.text("mode", "constant");
  const auto rank = rank_of(x);
  const auto amounts = integers(pads);
  const bool plain = amounts && rank && !axes && amounts->size() == 2 * *rank && mode != "wrap" &&
                     std::ranges::all_of(*amounts, [](std::int64_t p) { return p >= 0; }) &&
                     (mode == "constant" || mode == "edge");
  if (!plain) return g.add("onnx.pad", {x, pads, value, axes}, {{"mode", mode}});
  std::vector<std::int64_t> pairs;
  for (std::size_t i = 0; i < *rank; ++i) pairs.insert(pairs.end(), {(*amounts)[i], (*amounts)[*rank + i]});
  const Value paddings = g.constant<std::int64_t>(DType::int64, Shape{static_cast<std::int64_t>(*rank), 2}, pairs);
  std::vector<Value> inputs{x, paddings};
  if (value) inputs.push_back(value);
  return g.add("pad", std::move(inputs), {{"mode", mode}});
}

/// In opset 1: how often, and along which axis.
Result<Outputs> lower_tile(const SourceNode& n, GraphBuilder& g) {
  if (n.version() >= 6) return g.add("tile", {n.input(0), n.input(1)});
  const auto times = integers(n.input(1)), axis = integers(n.input(2));
  const auto rank = rank_of(n.input(0));
  if (!times || !axis || !rank || times->size() != 1 || axis->size() != 1 || (*axis)[0] < 0 ||
      (*axis)[0] >= static_cast<std::int64_t>(*rank))
    return refuse(n, Cause::invalid_attribute, "tiles and axis are not two constants");
  std::vector<std::int64_t> multiples(*rank, 1);
  multiples[static_cast<std::size_t>((*axis)[0])] = (*times)[0];
  return g.add("tile", {n.input(0), constant(g, multiples)});
}

/// Both shapes broadcast: a 1 in the operand leaves the input's dimension.
Result<Outputs> lower_expand(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0), own = g.add("shape", {x}, {{"out_type", std::string("int64")}});
  return g.add("broadcast_to", {x, g.add("broadcast_args", {own, n.input(1)})});
}

Result<Outputs> lower_shape(const SourceNode& n, GraphBuilder& g) {
  Attributes a{{"out_type", std::string("int64")}, {"start", n.integer("start")}};
  if (n.attribute("end")) a.set("end", n.integer("end"));
  return g.add("shape", {n.input(0)}, std::move(a));
}
Result<Outputs> lower_size(const SourceNode& n, GraphBuilder& g) {
  return g.add("size", {n.input(0)}, {{"out_type", std::string("int64")}});
}

Result<Outputs> lower_constant_of_shape(const SourceNode& n, GraphBuilder& g) {
  Value value = constant(g, DType::float32, 0.0);
  if (const auto given = n.attribute("value"))
    if (const auto* tensor = std::get_if<Tensor>(&*given))
      value = g.constant(TensorType(tensor->type.element, Shape{}), tensor->data);
  return g.add("fill", {n.input(0), value});
}

/// values: off, then on. Indices and depth may be of any dtype of numbers.
Result<Outputs> lower_one_hot(const SourceNode& n, GraphBuilder& g) {
  const Value values = n.input(2);
  const auto element = [&](std::int64_t i) {
    return Value(g.add("gather", {values, g.constant<std::int64_t>(DType::int64, Shape{}, {&i, 1})}));
  };
  const Value indices = cast(g, n.input(0), DType::int64), depth = cast(g, n.input(1), DType::int64);
  return g.add("one_hot", {indices, depth, element(1), element(0)},
               {{"axis", n.integer("axis", -1)}, {"negative_indices", std::int64_t{1}}});
}

Result<Outputs> lower_block_space(const SourceNode& n, GraphBuilder& g) {
  return g.add(n.op() == "DepthToSpace" ? "depth_to_space" : "space_to_depth", {n.input(0)},
               {{"block_size", n.integer("blocksize", 1)},
                {"mode", std::string(n.text("mode", "DCR") == "CRD" ? "crd" : "dcr")},
                {"layout", std::string("nchw")}});
}

Result<Outputs> lower_reverse_sequence(const SourceNode& n, GraphBuilder& g) {
  return g.add("reverse_sequence", {n.input(0), n.input(1)},
               {{"seq_dim", n.integer("time_axis")}, {"batch_dim", n.integer("batch_axis", 1)}});
}

Result<Outputs> lower_eye_like(const SourceNode& n, GraphBuilder& g) {
  Attributes a{{"k", n.integer("k")}};
  if (n.attribute("dtype")) a.set("to", std::string(name(dtype_of(n.integer("dtype")))));
  return g.add("onnx.eye_like", {n.input(0)}, std::move(a));
}
Result<Outputs> lower_compress(const SourceNode& n, GraphBuilder& g) {
  return g.add("onnx.compress", {n.input(0), n.input(1)},
               {{"axis", n.integer("axis")}, {"flat", std::int64_t{!n.attribute("axis")}}});
}

Result<Outputs> lower_col2im(const SourceNode& n, GraphBuilder& g) {
  return g.add("onnx.col2im", {n.input(0), n.input(1), n.input(2)},
               {{"dilations", n.integers("dilations")}, {"pads", n.integers("pads")}, {"strides", n.integers("strides")}});
}
Result<Outputs> lower_center_crop_pad(const SourceNode& n, GraphBuilder& g) {
  return g.add("onnx.center_crop_pad", {n.input(0), n.input(1)}, {{"axes", n.integers("axes")}});
}

Result<Outputs> lower_string_normalizer(const SourceNode& n, GraphBuilder& g) {
  Attributes a{{"case_change_action", n.text("case_change_action", "NONE")},
               {"is_case_sensitive", n.integer("is_case_sensitive")}};
  if (auto words = n.attribute("stopwords")) a.set("stopwords", *std::move(words));
  return g.add("onnx.string_normalizer", {n.input(0)}, std::move(a));
}
Result<Outputs> lower_string_split(const SourceNode& n, GraphBuilder& g) {
  return g.add("onnx.string_split", {n.input(0)}, {{"delimiter", n.text("delimiter")}, {"maxsplit", n.integer("maxsplit", -1)}},
               open_outputs(n));
}

/// Numbers that range has no kernel for are counted in wider ones.
Result<Outputs> lower_range(const SourceNode& n, GraphBuilder& g) {
  const Value start = n.input(0);
  if (!start) return refuse(n, Cause::dangling_reference, "'Range' needs a start");
  const DType to = start.type().storage();
  const DType in = to == DType::float16 || to == DType::bfloat16 ? DType::float32 : to == DType::int16 ? DType::int32 : to;
  const Value made =
      g.add("range", {cast(g, start, in), cast(g, n.input(1), in), cast(g, n.input(2), in)}, {{"multiply", std::int64_t{1}}});
  return Outputs(cast(g, made, to));
}

Result<Outputs> lower_tensor_scatter(const SourceNode& n, GraphBuilder& g) {
  return g.add("onnx.tensor_scatter", {n.input(0), n.input(1), n.input(2)},
               {{"axis", n.integer("axis", -2)}, {"circular", std::int64_t{n.text("mode", "linear") == "circular"}}});
}

}  // namespace qgraph::formats::onnx
