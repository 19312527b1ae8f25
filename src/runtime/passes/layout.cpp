// Convolutions of bytes with channels first become such with channels last, for which there are fast kernels, and what stands
// between them follows. Transposes remain where such a region begins and ends.
#include "runtime/passes/layout.hpp"

#include <algorithm>

#include "ops/conv_2d.hpp"
#include "ops/support/unpack_sub_byte.hpp"
#include "runtime/passes/pass.hpp"

namespace qgraph::runtime::passes {

TensorId Layouts::last(const Node& origin, TensorId t) {
  if (known(t)) return last_[t.value].id;
  if (!draft_.shape(t).ranked() || draft_.shape(t).rank() != 4) return {};
  const TensorId copy = draft_.add(origin, {"transpose", {t}, {{"perm", std::vector<std::int64_t>{0, 2, 3, 1}}}});
  if (copy) set(t, copy, false);
  return copy;
}

void Layouts::set(TensorId t, TensorId copy, bool lazy) {
  if (last_.size() <= t.value) last_.resize(std::max<std::size_t>(t.value + 1, draft_.tensor_count()));
  last_[t.value] = {copy, lazy};
}

void Layouts::make(const Node& origin, TensorId t) {
  if (!known(t) || !last_[t.value].lazy) return;
  last_[t.value].lazy = false;
  draft_.add(origin, {"transpose", {last_[t.value].id}, {{"perm", std::vector<std::int64_t>{0, 3, 1, 2}}}}, Plain{}, t);
}

void Layouts::make_inputs(const Node& node) {
  for (TensorId t : node.inputs) make(node, t);
}

namespace {

using ops::Conv2d;

const Conv2d& convolution(const Node& node) { return *static_cast<const Conv2d*>(node.attributes.get()); }

/// A convolution that the fast kernels can do channels last.
template <class TypeOf>
bool starts(const Node& node, TypeOf type_of) {
  if (!node.op || node.op->name != "conv_2d" || convolution(node).layout != Layout::nchw) return false;
  if (node.inputs.size() < 2 || !node.inputs[0] || !node.inputs[1]) return false;
  const TensorType& weights = type_of(node.inputs[1]);
  return quantized_bytes(type_of(node.inputs[0])) && quantized_bytes(type_of(node.outputs[0])) && weights.quantized() &&
         bits(weights.storage()) <= 8;
}

/// Weights [o,1,h,w] as [1,h,w,o].
TensorId depthwise_weights(Draft& draft, TensorId weights) {
  const TensorType& type = draft.type(weights);
  const std::int64_t channels = type.shape[0], taps = type.shape[2] * type.shape[3];
  const std::span<const std::byte> from = draft.tensor(weights).data.bytes;
  if (type.bytes() != from.size()) return {};
  const DType storage = unpacked_dtype(type.storage());
  std::vector<std::byte> to(static_cast<std::size_t>(channels * taps));
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::int64_t tap = 0; tap < taps; ++tap)
      to[static_cast<std::size_t>(tap * channels + c)] =
          static_cast<std::byte>(integer_at(from.data(), type.storage(), c * taps + tap));
  Quantization q = *type.quantization();
  if (!q.per_tensor()) q.axis = 3;
  const Shape shape{1, type.shape[2], type.shape[3], channels};
  return draft.constant(TensorType(Quantized(storage, std::move(q)), shape), Buffer::own(std::move(to)));
}

/// One filter per channel, each of which sees its channel alone.
bool depthwise(const Draft& draft, const Node& node) {
  const Conv2d& a = convolution(node);
  const Shape &input = draft.shape(node.inputs[0]), &weights = draft.shape(node.inputs[1]);
  const Quantization& q = *draft.type(node.inputs[1]).quantization();
  return draft.constant(node.inputs[1]) && a.filter_layout == FilterLayout::oihw && weights.is_static() && weights.rank() == 4 &&
         input.ranked() && input.rank() == 4 && weights[1] == 1 && weights[0] == input[1] && a.groups == input[1] &&
         input[1] > 1 && (q.per_tensor() || (q.axis == 0 && q.block_size == 0));
}

/// The convolution, channels last. None: it stays as it is.
TensorId channels_last(Draft& draft, const Node& node, TensorId input) {
  const ElementType& element = draft.type(node.outputs[0]).element;
  std::vector<TensorId> inputs = node.inputs;
  inputs[0] = input;
  if (depthwise(draft, node)) {
    inputs[1] = depthwise_weights(draft, node.inputs[1]);
    Attributes attributes;
    for (const auto& [key, value] : node.all_attributes())
      if (find_op("depthwise_conv_2d")->attributes.find(key)) attributes.set(key, value);
    if (inputs[1])
      if (const TensorId y = draft.add(node, {"depthwise_conv_2d", inputs, std::move(attributes)}, element)) return y;
    inputs[1] = node.inputs[1];
  }
  return draft.add(node, {"conv_2d", inputs, attributes_with(node, {{"layout", std::string("nhwc")}})}, element);
}

bool start(Layouts& layouts, const Node& node) {
  Draft& draft = layouts.draft();
  if (!starts(node, [&](TensorId t) -> const TensorType& { return draft.type(t); })) return false;
  const TensorId input = layouts.last(node, node.inputs[0]);
  const TensorId y = input ? channels_last(draft, node, input) : TensorId{};
  if (y) layouts.set(node.outputs[0], y, true);
  return static_cast<bool>(y);
}

bool concerns(const Graph& graph) {
  return std::ranges::any_of(graph.nodes(), [](const Node& node) {
    return node.op && node.op->name == "conv_2d" && convolution(node).layout == Layout::nchw;
  });
}

void run(Draft& draft) {
  Layouts layouts(draft);
  draft.sweep(
      [&](Node& node) {
        if (start(layouts, node) || follow(layouts, node)) return;
        layouts.make_inputs(node);
        draft.keep(std::move(node));
      },
      [&] {
        for (TensorId t : draft.outputs()) layouts.make({}, t);
      });
}

}  // namespace

extern constexpr Pass layout{.name = "layout", .concerns = concerns, .run = run};

}  // namespace qgraph::runtime::passes
