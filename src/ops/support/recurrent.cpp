// ONNX's recurrent ops, but for what one step computes. Quantized weights meet activations that are quantized as they come, as in
// ONNX Runtime's DynamicQuantizeLSTM.
#include "ops/support/recurrent.hpp"

#include <algorithm>
#include <cctype>

#include "ops/support/unpack_sub_byte.hpp"

namespace qgraph {
namespace {

struct KnownFunction {
  std::string_view name{};
  bool alpha = false, beta = false;
  float default_alpha = 0, default_beta = 0;
};
constexpr KnownFunction known_functions[] = {{"relu"},
                                             {"tanh"},
                                             {"sigmoid"},
                                             {"affine", true, true, 1.0F, 0.0F},
                                             {"leakyrelu", true, false, 0.01F},
                                             {"thresholdedrelu", true, false, 1.0F},
                                             {"scaledtanh", true, true, 1.0F, 1.0F},
                                             {"hardsigmoid", true, true, 0.2F, 0.5F},
                                             {"elu", true, false, 1.0F},
                                             {"softsign"},
                                             {"softplus"}};

std::int64_t direction_count(const Recurrent& a) { return a.direction == "bidirectional" ? 2 : 1; }

}  // namespace

float GateFunction::operator()(float x) const noexcept {
  switch (kind) {
    case Kind::relu: return std::max(x, 0.0F);
    case Kind::tanh: return std::tanh(x);
    case Kind::sigmoid: return 1.0F / (1.0F + std::exp(-x));
    case Kind::affine: return alpha * x + beta;
    case Kind::leaky_relu: return x >= 0.0F ? x : alpha * x;
    case Kind::thresholded_relu: return x >= alpha ? x : 0.0F;
    case Kind::scaled_tanh: return alpha * std::tanh(beta * x);
    case Kind::hard_sigmoid: return std::min(1.0F, std::max(0.0F, alpha * x + beta));
    case Kind::elu: return x >= 0.0F ? x : alpha * (std::exp(x) - 1.0F);
    case Kind::softsign: return x / (1.0F + std::abs(x));
    case Kind::softplus: return std::max(x, 0.0F) + std::log1p(std::exp(-std::abs(x)));
  }
  return x;
}

Result<Types> infer_recurrent(const InferContext& c, std::string_view op, const Recurrent& a, std::int64_t gates, bool cell) {
  const auto broken = [&](int number, std::string message, Cause cause = Cause::shape_mismatch) {
    return constraint(std::string(op) + "_c" + std::to_string(number), std::move(message), cause);
  };
  const Shape &x = c.shape(operand_x), &w = c.shape(operand_w), &r = c.shape(operand_r);
  if (a.direction != "forward" && a.direction != "reverse" && a.direction != "bidirectional")
    return broken(1, "direction '" + a.direction + "' is unknown", Cause::invalid_attribute);
  for (const Shape* s : {&x, &w, &r})
    if (s->ranked() && s->rank() != 3) return broken(1, "operands must have rank 3, one is " + s->to_string());
  const std::int64_t directions = direction_count(a);
  const std::size_t rows = a.weights_transposed ? 2 : 1, columns = 3 - rows;
  std::int64_t units = r.ranked() ? r[columns] : -1;
  if (r.ranked() && units >= 0 && ((r[0] >= 0 && r[0] != directions) || (r[rows] >= 0 && r[rows] != gates * units)))
    return broken(2, "recurrent weights " + r.to_string() + " do not fit " + std::to_string(gates) + " gates of " +
                         std::to_string(units) + " units");
  if (w.ranked() && ((w[0] >= 0 && w[0] != directions) || (units >= 0 && w[rows] >= 0 && w[rows] != gates * units) ||
                     (x.ranked() && x[2] >= 0 && w[columns] >= 0 && w[columns] != x[2])))
    return broken(2, "weights " + w.to_string() + " do not fit the input " + x.to_string());
  const std::int64_t steps = x.ranked() ? x[a.batch_first ? 1 : 0] : -1, batch = x.ranked() ? x[a.batch_first ? 0 : 1] : -1;
  const Shape state = a.batch_first ? Shape{batch, directions, units} : Shape{directions, batch, units};
  const auto wants = [&](std::size_t operand, const Shape& shape) {
    if (!c.has(operand) || !shape.is_static() || !c.shape(operand).is_static()) return true;
    return c.shape(operand) == shape;
  };
  const std::int64_t both = units < 0 ? -1 : 2 * gates * units;
  if (!wants(operand_b, {directions, both}) || !wants(operand_lengths, {batch}) || !wants(operand_h, state) ||
      (cell && !wants(operand_c, state)) || (cell && !wants(operand_peepholes, {directions, units < 0 ? -1 : 3 * units})))
    return broken(3, "bias, lengths, initial states or peepholes do not fit " + std::to_string(units) + " units");
  const Shape all = a.batch_first ? Shape{batch, steps, directions, units} : Shape{steps, directions, batch, units};
  Types types{TensorType(DType::float32, all), TensorType(DType::float32, state)};
  if (cell) types.push_back(TensorType(DType::float32, state));
  return types;
}

Result<std::shared_ptr<const RecurrentPlan>> plan_recurrent(PrepareContext& c, const Recurrent& a, std::int64_t gates,
                                                            std::initializer_list<std::string_view> defaults) {
  auto plan = std::make_shared<RecurrentPlan>();
  const Shape &x = c.inputs[operand_x].shape(), &r = c.inputs[operand_r].shape();
  plan->steps = x[a.batch_first ? 1 : 0];
  plan->batch = x[a.batch_first ? 0 : 1];
  plan->depth = x[2];
  plan->units = r[a.weights_transposed ? 1 : 2];
  plan->gates = gates;
  plan->directions = direction_count(a);
  plan->batch_first = a.batch_first;
  plan->reverse = a.direction == "reverse";
  plan->transposed = a.weights_transposed;
  plan->clip = a.clip;
  plan->quantized = c.inputs[operand_w].type->storage() != DType::float32;
  if (plan->quantized && (!c.has(operand_w_scale) || !c.has(operand_r_scale)))
    return failure("QG2104", Cause::missing_quantization, "integer weights need their scales");
  for (std::size_t k = 0; k < 4 && plan->quantized; ++k) {
    const std::size_t operand = operand_w_scale + k;
    if (!c.has(operand)) continue;
    const std::int64_t n = c.inputs[operand].elements();
    if (n != 1 && n != plan->directions && n != plan->directions * gates * plan->units)
      return failure("QG2104", Cause::inconsistent_quantization,
                     "scales and zero points of the weights are one per direction or per row");
  }
  std::vector<std::string> names = a.activations;
  if (names.empty())
    for (std::int64_t d = 0; d < plan->directions; ++d) names.insert(names.end(), defaults.begin(), defaults.end());
  if (names.size() != defaults.size() * static_cast<std::size_t>(plan->directions))
    return failure(
        "QG2103", Cause::invalid_attribute,
        "there are " + std::to_string(names.size()) + " activations for " + std::to_string(plan->directions) + " directions");
  std::size_t alpha = 0, beta = 0;
  for (std::string& word : names) {
    std::ranges::transform(word, word.begin(), [](unsigned char ch) { return static_cast<char>(std::tolower(ch)); });
    const auto* known = std::ranges::find(known_functions, std::string_view(word), &KnownFunction::name);
    if (known == std::ranges::end(known_functions))
      return failure("QG2103", Cause::invalid_attribute, "the activation '" + word + "' is unknown");
    GateFunction f{.kind = static_cast<GateFunction::Kind>(known - std::ranges::begin(known_functions)),
                   .alpha = known->default_alpha,
                   .beta = known->default_beta};
    if (known->alpha && alpha < a.activation_alpha.size()) f.alpha = static_cast<float>(a.activation_alpha[alpha++]);
    if (known->beta && beta < a.activation_beta.size()) f.beta = static_cast<float>(a.activation_beta[beta++]);
    plan->functions.push_back(f);
  }
  Scratch scratch;
  plan->state = scratch.take<float>(plan->batch * plan->units);
  plan->cell = scratch.take<float>(plan->batch * plan->units);
  plan->from_input = scratch.take<float>(gates * plan->units);
  plan->from_state = scratch.take<float>(gates * plan->units);
  plan->row = scratch.take<float>(plan->units);
  plan->stored = scratch.take<std::uint8_t>(plan->quantized ? plan->batch * plan->units : 0);
  plan->stored_input = scratch.take<std::uint8_t>(plan->quantized ? c.inputs[operand_x].elements() : 0);
  if (scratch.too_large()) return failure("QG9001", Cause::resource_limit, "the operands are too large");
  c.scratch_bytes = scratch.bytes();
  return std::shared_ptr<const RecurrentPlan>(std::move(plan));
}

namespace {

/// uint8 values, quantized by their own range.
struct Stored {
  std::uint8_t* values = nullptr;
  float scale = 1;
  std::int32_t zero_point = 0;

  void quantize(const float* from, std::int64_t n) noexcept {
    float low = 0, high = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      low = std::min(low, from[i]);
      high = std::max(high, from[i]);
    }
    scale = low == high ? 1.0F : (high - low) / 255.0F;
    zero_point = static_cast<std::int32_t>(std::nearbyint(std::clamp(-low / scale, 0.0F, 255.0F)));
    for (std::int64_t i = 0; i < n; ++i)
      values[i] =
          static_cast<std::uint8_t>(std::clamp(std::nearbyint(from[i] / scale) + static_cast<float>(zero_point), 0.0F, 255.0F));
  }
};

/// One of the two weight operands.
struct Weights {
  std::size_t operand, scale, zero;
  std::int64_t depth;
};
Weights input_weights(const RecurrentPlan& p) noexcept { return {operand_w, operand_w_scale, operand_w_zero, p.depth}; }
Weights state_weights(const RecurrentPlan& p) noexcept { return {operand_r, operand_r_scale, operand_r_zero, p.units}; }

/// sums[k] = row first + k of a direction's weights times x.
void multiply_rows(const KernelArgs& args, const RecurrentPlan& p, const Weights& w, std::int64_t direction, std::int64_t first,
                   std::int64_t n, const float* x, float* sums) noexcept {
  const std::int64_t all = p.gates * p.units, row = p.transposed ? 1 : w.depth, step = p.transposed ? all : 1;
  const float* weights = args.in<float>(w.operand) + direction * all * w.depth;
  for (std::int64_t k = 0; k < n; ++k) {
    const float* from = weights + (first + k) * row;
    float sum = 0;
    for (std::int64_t i = 0; i < w.depth; ++i) sum += from[i * step] * x[i];
    sums[k] = sum;
  }
}
void multiply_rows(const KernelArgs& args, const RecurrentPlan& p, const Weights& w, std::int64_t direction, std::int64_t first,
                   std::int64_t n, const std::uint8_t* x, const Stored& by, float* sums) noexcept {
  const std::int64_t all = p.gates * p.units, row = p.transposed ? 1 : w.depth, step = p.transposed ? all : 1;
  const View& weights = args.inputs[w.operand];
  const auto pick = [&](std::size_t operand, std::int64_t k) {
    const std::int64_t count = args.inputs[operand].elements();
    return count == 1 ? std::int64_t{0} : count == p.directions ? direction : direction * all + k;
  };
  for (std::int64_t k = first; k < first + n; ++k) {
    const std::int32_t zero = args.has(w.zero)
                                  ? static_cast<std::int32_t>(integer_at(args.inputs[w.zero].data,
                                                                         args.inputs[w.zero].type->storage(), pick(w.zero, k)))
                                  : 0;
    std::int32_t sum = 0;
    for (std::int64_t i = 0; i < w.depth; ++i) {
      const auto value = static_cast<std::int32_t>(
          integer_at(weights.data, weights.type->storage(), direction * all * w.depth + k * row + i * step));
      sum += (x[i] - by.zero_point) * (value - zero);
    }
    sums[k - first] = static_cast<float>(sum) * (by.scale * args.in<float>(w.scale)[pick(w.scale, k)]);
  }
}

}  // namespace

void state_sums(const KernelArgs& args, const RecurrentPlan& plan, std::int64_t direction, std::int64_t gate, const float* state,
                float* sums) noexcept {
  const Weights w = state_weights(plan);
  if (!plan.quantized) return multiply_rows(args, plan, w, direction, gate * plan.units, plan.units, state, sums);
  Stored stored{.values = plan.stored.in<std::uint8_t>(args.scratch)};
  stored.quantize(state, plan.units);
  multiply_rows(args, plan, w, direction, gate * plan.units, plan.units, stored.values, stored, sums);
}

void run_recurrent(const KernelArgs& args, const RecurrentPlan& p, bool cell, StepFn step) noexcept {
  const std::int64_t all = p.gates * p.units, states = p.batch * p.units;
  std::fill_n(args.out<float>(), args.outputs[0].elements(), 0.0F);
  const auto length = [&](std::int64_t b) {
    if (!args.has(operand_lengths)) return p.steps;
    return std::clamp<std::int64_t>(
        integer_at(args.inputs[operand_lengths].data, args.inputs[operand_lengths].type->storage(), b), 0, p.steps);
  };
  const auto state_at = [&](std::int64_t d, std::int64_t b) {
    return (p.batch_first ? b * p.directions + d : d * p.batch + b) * p.units;
  };
  Stored stored_input{.values = p.stored_input.in<std::uint8_t>(args.scratch)},
      stored{.values = p.stored.in<std::uint8_t>(args.scratch)};
  if (p.quantized) stored_input.quantize(args.in<float>(operand_x), args.inputs[operand_x].elements());
  float *h = p.state.in<float>(args.scratch), *c = p.cell.in<float>(args.scratch);
  float *from_input = p.from_input.in<float>(args.scratch), *from_state = p.from_state.in<float>(args.scratch);
  for (std::int64_t d = 0; d < p.directions; ++d) {
    const bool reverse = p.reverse || d == 1;
    std::fill_n(h, states, 0.0F);
    std::fill_n(c, states, 0.0F);
    for (std::int64_t b = 0; b < p.batch; ++b) {
      if (args.has(operand_h)) std::copy_n(args.in<float>(operand_h) + state_at(d, b), p.units, h + b * p.units);
      if (cell && args.has(operand_c)) std::copy_n(args.in<float>(operand_c) + state_at(d, b), p.units, c + b * p.units);
    }
    const float* bias = args.has(operand_b) ? args.in<float>(operand_b) + d * 2 * all : nullptr;
    for (std::int64_t s = 0; s < p.steps; ++s) {
      // All sequences' states share one quantization.
      if (p.quantized) stored.quantize(h, states);
      for (std::int64_t b = 0; b < p.batch; ++b) {
        const std::int64_t n = length(b);
        if (s >= n) continue;
        const std::int64_t t = reverse ? n - 1 - s : s;
        const std::int64_t x = (p.batch_first ? b * p.steps + t : t * p.batch + b) * p.depth;
        if (p.quantized) {
          multiply_rows(args, p, input_weights(p), d, 0, all, stored_input.values + x, stored_input, from_input);
          multiply_rows(args, p, state_weights(p), d, 0, all, stored.values + b * p.units, stored, from_state);
        } else {
          multiply_rows(args, p, input_weights(p), d, 0, all, args.in<float>(operand_x) + x, from_input);
          multiply_rows(args, p, state_weights(p), d, 0, all, h + b * p.units, from_state);
        }
        step(args, p,
             {.input = from_input,
              .state_sums = from_state,
              .input_bias = bias,
              .state_bias = bias ? bias + all : nullptr,
              .state = h + b * p.units,
              .cell = c + b * p.units,
              .row = p.row.in<float>(args.scratch),
              .direction = d});
        const std::int64_t y = p.batch_first ? (b * p.steps + t) * p.directions + d : (t * p.directions + d) * p.batch + b;
        std::copy_n(h + b * p.units, p.units, args.out<float>() + y * p.units);
      }
    }
    for (std::int64_t b = 0; b < p.batch; ++b) {
      std::copy_n(h + b * p.units, p.units, args.out<float>(1) + state_at(d, b));
      if (cell) std::copy_n(c + b * p.units, p.units, args.out<float>(2) + state_at(d, b));
    }
  }
}

}  // namespace qgraph
