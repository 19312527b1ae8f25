// LSTM with 16-bit activations, 8-bit weights and a 16-bit cell state. TensorFlow Lite has none; definition: TensorFlow Lite
// Micro's kernels/lstm_eval.h. Each gate is the saturated sum of two requantized products, activated by the table of LOGISTIC and
// TANH.
#include <algorithm>
#include <cmath>

#include "ops/requantize.hpp"
#include "ops/support/lstm.hpp"
#include "ops/support/sigmoid_table.hpp"

namespace qgraph::lstm {
namespace {

struct Plan16 {
  std::array<Multiplier, gate_count> from_input{}, from_state{};
  Multiplier keep{}, let_in{}, hidden{};
  SigmoidTable gate_table{}, cell_table{};
  std::int32_t input_zero_point = 0, state_zero_point = 0;
  std::int16_t cell_clip = 0;
};

std::int16_t saturated(std::int32_t x) noexcept {
  return static_cast<std::int16_t>(std::clamp(x, lowest<std::int16_t>(), highest<std::int16_t>()));
}

std::int32_t product(const std::int8_t* w, const std::int16_t* x, std::int64_t n, std::int32_t zero_point, std::int64_t bias,
                     Multiplier m) noexcept {
  std::int64_t sum = bias;
  for (std::int64_t i = 0; i < n; ++i) sum += std::int64_t{w[i]} * (x[i] - zero_point);
  return multiply(sum, m);
}

std::int64_t bias_at(const View& bias, std::int64_t i) noexcept {
  if (!bias) return 0;
  return bias.type->storage() == DType::int32 ? bias.as<const std::int32_t>()[i] : bias.as<const std::int64_t>()[i];
}

void gate(const KernelArgs& args, const Sizes& s, const Plan16& plan, std::size_t g, const std::int16_t* x, const std::int16_t* h,
          std::int16_t* out) noexcept {
  const auto* wx = args.inputs[input_weights + g].as<const std::int8_t>();
  const auto* wh = args.inputs[recurrent_weights + g].as<const std::int8_t>();
  const View bias = operand(args.inputs, gate_bias + g);
  for (std::int64_t c = 0; c < s.cells; ++c) {
    const std::int16_t a =
        saturated(product(wx + c * s.input, x, s.input, plan.input_zero_point, bias_at(bias, c), plan.from_input[g]));
    const std::int16_t b = saturated(product(wh + c * s.outputs, h, s.outputs, plan.state_zero_point, 0, plan.from_state[g]));
    const std::int16_t sum = saturated(a + b);
    out[c] = g == cell_gate ? plan.gate_table.tanh(sum) : plan.gate_table.logistic(sum);
  }
}

Report refuse(std::string headline, Cause cause) { return failure("QG2104", cause, std::move(headline)); }

}  // namespace

void run_int16(const KernelArgs& args) noexcept {
  const Attributes& a = args.attributes<Attributes>();
  const Sizes s = sizes_of(args.inputs, a);
  const auto& plan = args.prepared_as<Plan16>();
  auto* scratch = reinterpret_cast<std::int16_t*>(args.scratch);
  std::int16_t* gates[gate_count];
  for (std::size_t g = 0; g < gate_count; ++g) gates[g] = scratch + static_cast<std::int64_t>(g) * s.cells;
  for (std::int64_t b = 0; b < s.batch; ++b) {
    auto* h = args.inputs[output_state].as<std::int16_t>() + b * s.outputs;
    auto* cells = args.inputs[cell_state].as<std::int16_t>() + b * s.cells;
    for (std::int64_t i = 0; i < s.time; ++i) {
      const std::int64_t row = s.row(b, a.reverse ? s.time - 1 - i : i);
      for (std::size_t g = 0; g < gate_count; ++g)
        gate(args, s, plan, g, args.in<std::int16_t>(input) + row * s.input, h, gates[g]);
      for (std::int64_t c = 0; c < s.cells; ++c) {
        const std::int16_t kept = saturated(multiply(gates[forget_gate][c] * cells[c], plan.keep));
        cells[c] = saturated(kept + saturated(multiply(gates[input_gate][c] * gates[cell_gate][c], plan.let_in)));
        if (plan.cell_clip > 0) cells[c] = std::clamp(cells[c], static_cast<std::int16_t>(-plan.cell_clip), plan.cell_clip);
      }
      for (std::int64_t c = 0; c < s.cells; ++c)
        h[c] = saturated(multiply(plan.cell_table.tanh(cells[c]) * gates[output_gate][c], plan.hidden) + plan.state_zero_point);
      std::copy_n(h, s.outputs, args.out<std::int16_t>() + row * s.outputs);
    }
  }
}

Result<std::shared_ptr<const void>> prepare_int16(PrepareContext& c) {
  const Attributes& a = c.attributes<Attributes>();
  const auto in = c.inputs;
  const Sizes s = sizes_of(in, a);
  const bool plain =
      in[input_weights + input_gate] && !operand(in, projection_weights) && s.aux == 0 && a.activation == Activation::tanh;
  for (std::size_t g = 0; g < gate_count; ++g)
    if (!plain || peephole(in, g) || operand(in, layer_norm + g))
      return refuse(
          "an LSTM with 16-bit activations has four plain gates: no peephole, projection, layer normalization or auxiliary input",
          Cause::unsupported_dtype);
  if (in[output_state].type->storage() != DType::int16 || in[cell_state].type->storage() != DType::int16)
    return refuse("an LSTM with 16-bit activations keeps its states in int16", Cause::unsupported_dtype);
  const float state_scale = in[output_state].type->scale(), cell_scale = in[cell_state].type->scale();
  if (!(state_scale > 0.0F) || !(cell_scale > 0.0F))
    return refuse("a quantized LSTM needs scales of its states", Cause::missing_quantization);
  const double power = std::log2(static_cast<double>(cell_scale));
  const int exponent = static_cast<int>(std::lround(power));
  if (std::abs(power - exponent) > 1e-3 || exponent > -9 || exponent < -15)
    return refuse("the cell state's scale is no power of two from 2^-15 to 2^-9", Cause::invalid_quantization);
  auto plan = std::make_shared<Plan16>();
  constexpr double gate_scale = 1.0 / 4096, unit = 1.0 / 32768;
  for (std::size_t g = 0; g < gate_count; ++g) {
    plan->from_input[g] =
        quantize_multiplier(static_cast<double>(in[input].type->scale() * in[input_weights + g].type->scale()) / gate_scale);
    plan->from_state[g] =
        quantize_multiplier(static_cast<double>(state_scale * in[recurrent_weights + g].type->scale()) / gate_scale);
  }
  plan->keep = quantize_multiplier(unit);
  plan->let_in = quantize_multiplier(unit * unit / static_cast<double>(cell_scale));
  plan->hidden = quantize_multiplier(unit * unit / static_cast<double>(state_scale));
  plan->gate_table.entries = plan->cell_table.entries = make_sigmoid_table();
  plan->gate_table.multiplier = 3;
  // The table reads its argument at 2^-12 / 3; 2^exponent is brought there.
  const int shift = exponent + 12;
  plan->cell_table.multiplier = shift >= 0 ? 3 << shift : 3;
  plan->cell_table.shift = shift >= 0 ? 0 : -shift;
  plan->input_zero_point = static_cast<std::int32_t>(in[input].type->zero_point());
  plan->state_zero_point = static_cast<std::int32_t>(in[output_state].type->zero_point());
  if (a.cell_clip > 0.0F) plan->cell_clip = saturated(static_cast<std::int32_t>(std::min(a.cell_clip / cell_scale, 32767.0F)));
  c.scratch_bytes = static_cast<std::size_t>(s.cells) * gate_count * sizeof(std::int16_t);
  return std::shared_ptr<const void>(std::move(plan));
}

}  // namespace qgraph::lstm
