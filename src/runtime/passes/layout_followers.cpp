// Ops that do the same with channels last: element by element, along axes that are named, over windows.
#include <algorithm>
#include <optional>

#include "runtime/passes/fused.hpp"
#include "runtime/passes/layout.hpp"

namespace qgraph::runtime::passes {
namespace {

using Integers = std::vector<std::int64_t>;

bool one_of(std::string_view op, std::initializer_list<std::string_view> list) {
  return std::ranges::find(list, op) != list.end();
}

/// Where an axis that is named goes. Nothing: it is none.
std::optional<std::int64_t> moved_axis(std::int64_t axis) {
  if (axis < 0) axis += 4;
  return axis >= 0 && axis < 4 ? std::optional(axis_of[axis]) : std::nullopt;
}

class Follower {
 public:
  Follower(Layouts& layouts, const Node& node) : layouts_(layouts), draft_(layouts.draft()), node_(node), op_(node.op->name) {}

  bool follow() {
    if (op_ == "transpose") return transpose();
    if (node_.inputs.empty() || !node_.inputs[0]) return false;
    if (op_ == "split") return split();
    if (node_.outputs.size() != 1) return false;
    if (elementwise()) return all_inputs();
    if (!layouts_.known(node_.inputs[0])) return false;
    if (node_.op == &fused_average_pool) return average_pool();
    if (one_of(op_, {"max_pool_2d", "average_pool_2d", "transpose_conv_2d", "resize_nearest_neighbor", "resize_bilinear",
                     "depth_to_space", "space_to_depth"}))
      return with({{"layout", std::string("nhwc")}});
    if (op_ == "concatenation" || op_ == "softmax") return along_axis();
    if (one_of(op_, {"mean", "sum", "reduce_max", "reduce_min", "reduce_prod"})) return reduce();
    if (op_ == "onnx.pad") return pad();
    if (op_ == "onnx.resize") return resize();
    if (op_ == "onnx.slice") return slice();
    if (op_ == "reshape" || op_ == "squeeze") return flatten();
    return false;
  }

 private:
  bool elementwise() const {
    return one_of(op_, {"abs",
                        "add",
                        "cast",
                        "ceil",
                        "clip",
                        "dequantize",
                        "div",
                        "elu",
                        "erf",
                        "exp",
                        "floor",
                        "gelu",
                        "greater",
                        "hard_swish",
                        "hard_sigmoid",
                        "leaky_relu",
                        "less",
                        "log",
                        "logistic",
                        "maximum",
                        "minimum",
                        "mish",
                        "mul",
                        "neg",
                        "pow",
                        "quantize",
                        "reinterpret",
                        "relu",
                        "relu6",
                        "relu_0_to_1",
                        "relu_n1_to_1",
                        "round",
                        "rsqrt",
                        "select",
                        "sign",
                        "softplus",
                        "sqrt",
                        "square",
                        "squared_difference",
                        "sub",
                        "swish",
                        "tanh",
                        "thresholded_relu"}) ||
           node_.op == &fused_table || node_.op == &fused_binary;
  }

  /// Adds the node with these inputs; what it makes is the channels-last copy of the node's output.
  bool add(std::vector<TensorId> inputs, const Attributes& changes = {}) {
    const TensorId output = node_.outputs[0];
    const ElementType& element = draft_.type(output).element;
    if (per_axis(draft_.type(output))) return false;
    const TensorId y = find_op(op_) == node_.op
                           ? draft_.add(node_, {op_, std::move(inputs), attributes_with(node_, changes)}, element)
                           : draft_.add(node_, *node_.op, node_.attributes, std::move(inputs), element);
    if (y) layouts_.set(output, y, true);
    return static_cast<bool>(y);
  }
  static bool per_axis(const TensorType& type) { return type.quantized() && !type.quantization()->per_tensor(); }

  bool average_pool() {
    auto attributes = std::make_shared<FusedAveragePool>(*static_cast<const FusedAveragePool*>(node_.attributes.get()));
    if (attributes->pool.layout != Layout::nchw) return false;
    attributes->pool.layout = Layout::nhwc;
    const TensorId output = node_.outputs[0];
    const TensorId y = draft_.add(node_, fused_average_pool, std::move(attributes), {layouts_.last(node_, node_.inputs[0])},
                                  draft_.type(output).element);
    if (y) layouts_.set(output, y, true);
    return static_cast<bool>(y);
  }

  bool with(const Attributes& changes) {
    std::vector<TensorId> inputs = node_.inputs;
    inputs[0] = layouts_.last(node_, inputs[0]);
    return add(std::move(inputs), changes);
  }

  /// A constant of fewer axes or of rank 4 that is broadcast, as it lies beside channels-last operands.
  TensorId constant_beside(TensorId t) {
    const TensorType& type = draft_.type(t);
    if (!type.shape.is_static() || type.shape.rank() > 4 || bits(type.storage()) < 8 || per_axis(type)) return {};
    Shape shape{1, 1, 1, 1};
    for (std::size_t i = 0; i < type.shape.rank(); ++i) shape[4 - type.shape.rank() + i] = type.shape[i];
    const Shape moved{shape[0], shape[2], shape[3], shape[1]};
    const auto size = static_cast<std::size_t>(bits(type.storage()) / 8);
    const std::span<const std::byte> from = draft_.tensor(t).data.bytes;
    if (type.bytes() != from.size()) return {};
    std::vector<std::byte> to;
    to.reserve(from.size());
    const std::int64_t image = shape[2] * shape[3];
    for (std::int64_t n = 0; n < shape[0]; ++n)
      for (std::int64_t i = 0; i < image; ++i)
        for (std::int64_t c = 0; c < shape[1]; ++c) {
          const auto at =
              from.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>((n * shape[1] + c) * image + i) * size);
          to.insert(to.end(), at, at + static_cast<std::ptrdiff_t>(size));
        }
    return draft_.constant(TensorType(type.element, moved), Buffer::own(std::move(to)));
  }

  bool all_inputs() {
    if (std::ranges::none_of(node_.inputs, [&](TensorId t) { return layouts_.known(t); })) return false;
    // Scales that are operands have axes of their own.
    if ((op_ == "quantize" || op_ == "dequantize") && node_.inputs.size() > 1 && node_.inputs[1]) return false;
    std::vector<TensorId> inputs;
    for (TensorId t : node_.inputs) {
      TensorId beside = t;
      if (t && draft_.shape(t).elements() != 1) {
        if (!draft_.shape(t).ranked() || per_axis(draft_.type(t))) return false;
        beside = draft_.constant(t) ? constant_beside(t) : layouts_.last(node_, t);
        if (!beside) return false;
      }
      inputs.push_back(beside);
    }
    return add(std::move(inputs));
  }

  bool along_axis() {
    const auto given = node_.attribute("axis");
    const auto* axis = given ? std::get_if<std::int64_t>(&*given) : nullptr;
    const auto moved = axis ? moved_axis(*axis) : std::nullopt;
    if (!moved) return false;
    std::vector<TensorId> inputs;
    for (TensorId t : node_.inputs) {
      if (!t || draft_.constant(t)) return false;
      inputs.push_back(layouts_.last(node_, t));
      if (!inputs.back()) return false;
    }
    return add(std::move(inputs), {{"axis", *moved}});
  }

  bool split() {
    if (!layouts_.known(node_.inputs[0]) || per_axis(draft_.type(node_.inputs[0]))) return false;
    std::optional<std::int64_t> axis;
    if (node_.inputs.size() > 2 && node_.inputs[2]) {
      const auto given = draft_.integers(node_.inputs[2]);
      if (given && given->size() == 1) axis = given->front();
    } else if (const auto given = node_.attribute("axis"); given && std::holds_alternative<std::int64_t>(*given)) {
      axis = std::get<std::int64_t>(*given);
    }
    const auto moved = axis ? moved_axis(*axis) : std::nullopt;
    if (!moved || std::ranges::any_of(node_.outputs, [](TensorId t) { return !t; })) return false;
    std::vector<TensorId> inputs{layouts_.last(node_, node_.inputs[0])};
    if (node_.inputs.size() > 1) inputs.push_back(node_.inputs[1]);
    const ElementType element = draft_.type(node_.inputs[0]).element;
    const std::vector<TensorId> parts =
        draft_.add_parts(node_, {op_, inputs, attributes_with(node_, {{"axis", *moved}})}, element, node_.outputs.size());
    for (std::size_t i = 0; i < parts.size(); ++i) layouts_.set(node_.outputs[i], parts[i], true);
    return !parts.empty();
  }

  bool reduce() {
    if (node_.inputs.size() < 2) return false;
    auto axes = draft_.integers(node_.inputs[1]);
    if (!axes || axes->empty()) return false;
    bool height = false, width = false;
    for (std::int64_t& axis : *axes) {
      const auto moved = moved_axis(axis);
      if (!moved) return false;
      axis = *moved;
      height = height || axis == 1;
      width = width || axis == 2;
    }
    const auto kept = node_.attribute("keep_dims");
    if (!kept || !std::holds_alternative<std::int64_t>(*kept)) return false;
    if (std::get<std::int64_t>(*kept) != 0) return add({layouts_.last(node_, node_.inputs[0]), draft_.constant(*axes)});
    // [n,c] in either order of axes.
    if (!height || !width || per_axis(draft_.type(node_.outputs[0]))) return false;
    const NewNode same{op_, {layouts_.last(node_, node_.inputs[0]), draft_.constant(*axes)}, node_.all_attributes()};
    return static_cast<bool>(draft_.add(node_, same, draft_.type(node_.outputs[0]).element, node_.outputs[0]));
  }

  /// The axes that an operand names, or all four in their order, moved.
  std::optional<Integers> named_axes(std::size_t operand, std::size_t count) const {
    Integers axes{0, 1, 2, 3};
    if (operand < node_.inputs.size() && node_.inputs[operand]) {
      const auto given = draft_.integers(node_.inputs[operand]);
      if (!given) return std::nullopt;
      axes = *given;
    } else {
      axes.resize(std::min<std::size_t>(count, 4));
    }
    for (std::int64_t& axis : axes) {
      const auto moved = moved_axis(axis);
      if (!moved) return std::nullopt;
      axis = *moved;
    }
    return axes;
  }

  bool with_axes(std::size_t operand, std::size_t count) {
    const auto axes = named_axes(operand, count);
    if (!axes) return false;
    std::vector<TensorId> inputs = node_.inputs;
    inputs.resize(std::max(inputs.size(), operand + 1));
    inputs[0] = layouts_.last(node_, inputs[0]);
    inputs[operand] = draft_.constant(*axes);
    return add(std::move(inputs));
  }
  bool pad() { return with_axes(3, 4); }
  bool slice() {
    const auto starts = node_.inputs.size() > 1 ? draft_.integers(node_.inputs[1]) : std::nullopt;
    return starts && with_axes(3, starts->size());
  }

  bool resize() {
    const auto given = node_.attribute("axes");
    const auto* named = given ? std::get_if<Integers>(&*given) : nullptr;
    if (!named || (node_.inputs.size() > 1 && node_.inputs[1])) return false;
    Integers axes = named->empty() ? Integers{0, 1, 2, 3} : *named;
    for (std::int64_t& axis : axes) {
      const auto moved = moved_axis(axis);
      if (!moved) return false;
      axis = *moved;
    }
    return with({{"axes", axes}});
  }

  /// [n,c,1,1] lies as [n,1,1,c].
  bool flatten() {
    const Shape& in = draft_.shape(node_.inputs[0]);
    const TensorType& out = draft_.type(node_.outputs[0]);
    if (!in.ranked() || in.rank() != 4 || in[2] != 1 || in[3] != 1 || !out.shape.ranked() || out.shape.rank() != 2) return false;
    if (per_axis(out) || (in[1] < 0 && in[0] < 0) || out.shape[1] != in[1] || in[1] < 0) return false;
    const Integers shape{-1, in[1]};
    return static_cast<bool>(draft_.add(node_, {"reshape", {layouts_.last(node_, node_.inputs[0]), draft_.constant(shape)}},
                                        out.element, node_.outputs[0]));
  }

  bool transpose() {
    if (node_.inputs.empty() || !node_.inputs[0] || draft_.shape(node_.inputs[0]).rank() != 4) return false;
    Integers perm;
    if (node_.inputs.size() > 1 && node_.inputs[1]) {
      if (const auto given = draft_.integers(node_.inputs[1])) perm = *given;
    } else if (const auto given = node_.attribute("perm"); given && std::holds_alternative<Integers>(*given)) {
      perm = std::get<Integers>(*given);
    }
    const TensorId input = node_.inputs[0], output = node_.outputs[0];
    if (perm == Integers{0, 3, 1, 2} && !draft_.constant(input)) {
      layouts_.make(node_, input);
      layouts_.set(output, input, true);
      return true;
    }
    if (perm == Integers{0, 2, 3, 1} && layouts_.known(input) && !draft_.output(output)) {
      draft_.replace(output, layouts_.last(node_, input));
      return true;
    }
    return false;
  }

  Layouts& layouts_;
  Draft& draft_;
  const Node& node_;
  std::string_view op_;
};

}  // namespace

bool follow(Layouts& layouts, const Node& node) { return node.op && node.bodies.empty() && Follower(layouts, node).follow(); }

}  // namespace qgraph::runtime::passes
