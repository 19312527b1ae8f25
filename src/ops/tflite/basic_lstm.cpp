// tflite.basic_lstm: one step of TFLite's older LSTM (LSTM with kernel_type BASIC): all gates from one matrix product.
#include <algorithm>
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/requantize.hpp"
#include "ops/support/activation.hpp"
#include "ops/support/fixed_point.hpp"

namespace qgraph::ops::tflite {
namespace {

struct BasicLstm {
  Activation activation = Activation::tanh;
  float cell_clip = 0.0F;
  float projection_clip = 0.0F;
};
constexpr std::array attributes{
    attr<&BasicLstm::activation>("activation", "tanh only"),
    attr<&BasicLstm::cell_clip>("cell_clip", "0 only"),
    attr<&BasicLstm::projection_clip>("projection_clip", "0 only"),
};

enum : std::size_t { data, previous_activation, weights, biases, previous_state };

Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<BasicLstm>();
  if (a.activation != Activation::tanh || a.cell_clip != 0.0F || a.projection_clip != 0.0F)
    return constraint("basic_lstm_c1", "the basic LSTM has tanh and no clips", Cause::invalid_attribute);
  const Shape &x = c.shape(data), &h = c.shape(previous_activation), &w = c.shape(weights), &b = c.shape(biases),
              &s = c.shape(previous_state);
  for (const Shape* shape : {&x, &h, &w, &b, &s})
    if (!shape->ranked()) return constraint("basic_lstm_c2", "the operands' ranks are not known");
  if (x.rank() != 2 || h.rank() != 2 || w.rank() != 2 || b.rank() != 1 || s.rank() != 2)
    return constraint("basic_lstm_c2", "data, activation, weights and state have rank 2, biases rank 1");
  const std::int64_t depth = h[1], total = x[1] >= 0 && depth >= 0 ? x[1] + depth : -1;
  const auto differ = [](std::int64_t p, std::int64_t q) { return p >= 0 && q >= 0 && p != q; };
  if (differ(w[1], total) || differ(w[0], 4 * depth) || differ(b[0], w[0]) || differ(s[1], depth) || differ(h[0], x[0]) ||
      differ(s[0], x[0]))
    return constraint("basic_lstm_c3", "weights are [4 * depth, inputs + depth], biases [4 * depth], states [batch, depth]");
  const ElementType element = c.input(data).element;
  const bool quantized = c.input(data).quantized();
  Types types{c.output(0, element, {x[0], depth}), c.output(1, c.input(previous_state).element, {x[0], depth}),
              c.output(2, element, {x[0], total}),
              c.output(3, quantized ? c.input(previous_state).element : element, {x[0], depth >= 0 ? 4 * depth : -1})};
  return types;
}

void run_float(const KernelArgs& args) noexcept {
  const std::int64_t batch = args.inputs[data].dim(0), inputs = args.inputs[data].dim(1),
                     depth = args.inputs[previous_activation].dim(1);
  const std::int64_t columns = inputs + depth;
  for (std::int64_t b = 0; b < batch; ++b) {
    float* joined = args.out<float>(2) + b * columns;
    std::copy_n(args.in<float>(data) + b * inputs, inputs, joined);
    std::copy_n(args.in<float>(previous_activation) + b * depth, depth, joined + inputs);
    float* gates = args.out<float>(3) + b * 4 * depth;
    for (std::int64_t r = 0; r < 4 * depth; ++r) {
      float sum = 0.0F;
      for (std::int64_t c = 0; c < columns; ++c) sum += joined[c] * args.in<float>(weights)[r * columns + c];
      gates[r] = sum + args.in<float>(biases)[r];
    }
    const auto logistic = [](float v) { return 1.0F / (1.0F + std::exp(-v)); };
    for (std::int64_t c = 0; c < depth; ++c) {
      const float let_in = logistic(gates[c]), fresh = std::tanh(gates[depth + c]), forget = logistic(gates[2 * depth + c]);
      const float state = let_in * fresh + forget * args.in<float>(previous_state)[b * depth + c];
      args.out<float>(1)[b * depth + c] = state;
      args.out<float>(0)[b * depth + c] = logistic(gates[3 * depth + c]) * std::tanh(state);
    }
  }
}

struct Plan {
  Multiplier accumulator{};
  std::int32_t weights_zero_point = 0;
};

Result<std::shared_ptr<const void>> prepare_quantized(PrepareContext& c) {
  if (c.inputs[previous_state].type->storage() != DType::int16 || c.inputs[weights].type->storage() != DType::uint8 ||
      c.inputs[biases].type->storage() != DType::int32)
    return failure("QG2102", Cause::unsupported_dtype, "a uint8 basic LSTM takes uint8 weights, int32 biases and an int16 state");
  auto plan = std::make_shared<Plan>();
  plan->accumulator = quantize_multiplier(4096 * c.inputs[biases].type->scale());
  plan->weights_zero_point = static_cast<std::int32_t>(c.inputs[weights].type->zero_point());
  return std::shared_ptr<const void>(std::move(plan));
}

/// Gates have 3 integer bits, the state 4, activations none (TFLite's reference LstmCell).
void run_quantized(const KernelArgs& args) noexcept {
  const Plan& plan = args.prepared_as<Plan>();
  const std::int64_t batch = args.inputs[data].dim(0), inputs = args.inputs[data].dim(1),
                     depth = args.inputs[previous_activation].dim(1);
  const std::int64_t columns = inputs + depth;
  for (std::int64_t b = 0; b < batch; ++b) {
    std::uint8_t* joined = args.out<std::uint8_t>(2) + b * columns;
    std::copy_n(args.in<std::uint8_t>(data) + b * inputs, inputs, joined);
    std::copy_n(args.in<std::uint8_t>(previous_activation) + b * depth, depth, joined + inputs);
    std::int16_t* gates = args.out<std::int16_t>(3) + b * 4 * depth;
    for (std::int64_t r = 0; r < 4 * depth; ++r) {
      std::int32_t sum = args.in<std::int32_t>(biases)[r];
      const std::uint8_t* w = args.in<std::uint8_t>(weights) + r * columns;
      for (std::int64_t c = 0; c < columns; ++c) sum += (joined[c] - 128) * (w[c] - plan.weights_zero_point);
      gates[r] =
          static_cast<std::int16_t>(std::clamp(multiply(sum, plan.accumulator), lowest<std::int16_t>(), highest<std::int16_t>()));
    }
    for (std::int64_t c = 0; c < depth; ++c) {
      using fixed_point::multiply;
      const std::int16_t let_in = fixed_point::logistic(gates[c], 3), fresh = fixed_point::tanh(gates[depth + c], 3);
      const std::int16_t forget = fixed_point::logistic(gates[2 * depth + c], 3);
      const std::int16_t added = fixed_point::shift(multiply(let_in, fresh), -4);
      const std::int16_t kept = multiply(forget, args.in<std::int16_t>(previous_state)[b * depth + c]);
      const std::int16_t state = fixed_point::saturate<std::int16_t>(std::int64_t{added} + kept);
      args.out<std::int16_t>(1)[b * depth + c] = state;
      const std::int16_t out =
          multiply(fixed_point::logistic(gates[3 * depth + c], 3), fixed_point::tanh(fixed_point::rescale(state, 4, 3), 3));
      args.out<std::uint8_t>(0)[b * depth + c] =
          static_cast<std::uint8_t>(128 + std::clamp(rounding_shift_right(out, 8), -128, 127));
    }
  }
}

constexpr std::array kernels{kernel(DType::float32, run_float), kernel(DType::quint8, run_quantized, prepare_quantized)};

}  // namespace

extern constexpr OpDef basic_lstm{
    .name = "tflite.basic_lstm",
    .help =
        "One step of an LSTM whose four gates (input, cell, forget, output) come from one product of [data, activation]; "
        "TFLite's basic kernel.",
    .inputs = "data previous_activation weights biases previous_state",
    .outputs = "activation state joined gates",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<BasicLstm>(attributes),
    .infer = infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
