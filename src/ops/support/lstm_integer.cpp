// LSTM with 8-bit activations and weights, 16-bit cell state and gates. Definition: TFLite's kernels/lstm_eval.cc ("8x8_16").
#include <algorithm>
#include <cmath>

#include "ops/requantize.hpp"
#include "ops/support/dot_rows.hpp"
#include "ops/support/fixed_point.hpp"
#include "ops/support/lstm.hpp"

namespace qgraph::lstm {
namespace {

struct GatePlan {
  Multiplier input{}, recurrent{}, peephole{}, layer_norm{};
  std::int32_t variance_guard = 1;
  std::vector<std::int32_t> input_bias{}, recurrent_bias{};  // zero points times weights, and the gate's bias without layer norm
};

struct Plan {
  DotPlan products{};
  std::array<GatePlan, gate_count> gates{};
  Multiplier hidden{}, projection{};
  std::int32_t hidden_zero_point = 0, output_zero_point = 0;
  std::vector<std::int32_t> projection_bias{};
  int cell_power = 0;  // the cell state's scale is 2^cell_power
  std::int16_t cell_clip = 0;
  std::int8_t projection_clip = 0;
};

/// bias - zero_point * (sum of each row of weights): what `zero_point` in every activation adds is taken off.
std::vector<std::int32_t> folded_bias(const View& weights, std::int32_t zero_point, const View& bias) {
  const std::int64_t rows = weights.dim(0), columns = weights.dim(1);
  std::vector<std::int32_t> folded(static_cast<std::size_t>(rows), 0);
  const auto* w = weights.as<const std::int8_t>();
  for (std::int64_t r = 0; r < rows; ++r) {
    std::int32_t sum = 0;
    for (std::int64_t c = 0; c < columns; ++c) sum += w[r * columns + c];
    folded[static_cast<std::size_t>(r)] = (bias ? bias.as<const std::int32_t>()[r] : 0) - zero_point * sum;
  }
  return folded;
}

/// sums = saturate(sums + zero_point + requantize(bias + weights * row))
template <class T>
void accumulate(DotRowsFn dot, const std::int8_t* w, const std::int8_t* row, const std::vector<std::int32_t>& bias, Multiplier m,
                std::int32_t zero_point, std::int64_t columns, T* sums) noexcept {
  each_dot(dot, w, row, static_cast<std::int64_t>(bias.size()), columns,
           [&](std::int64_t r, std::int32_t sum, std::int32_t) noexcept {
             const std::int32_t all = multiply(bias[static_cast<std::size_t>(r)] + sum, m) + zero_point + sums[r];
             sums[r] = static_cast<T>(std::clamp(all, lowest<T>(), highest<T>()));
           });
}

void layer_normalize(const GatePlan& plan, const std::int16_t* coefficients, const std::int32_t* bias, std::int16_t* v,
                     std::int64_t n) noexcept {
  std::int64_t sum = 0, squares = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    sum += v[i];
    squares += std::int64_t{v[i]} * v[i];
  }
  // Ten more bits for the mean, twenty for the variance.
  const auto mean = static_cast<std::int32_t>(sum * 1024 / n);
  const std::int64_t variance = squares * ((1 << 20) / n) - std::int64_t{mean} * mean;
  auto scaled = static_cast<std::int32_t>(variance / (1 << 20));
  if (scaled < 1) scaled = plan.variance_guard;
  const Multiplier inverse = fixed_point::inverse_square_root(scaled);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int32_t normal = multiply(1024 * v[i] - mean, inverse);
    const std::int64_t weighted = std::int64_t{normal} * coefficients[i] + bias[i];
    const auto rounded = static_cast<std::int32_t>((weighted > 0 ? weighted + 512 : weighted - 512) / 1024);
    const std::int32_t out = multiply(rounded, Multiplier{plan.layer_norm.value, plan.layer_norm.shift + 12});
    v[i] = static_cast<std::int16_t>(std::clamp(out, lowest<std::int16_t>(), highest<std::int16_t>()));
  }
}

void gate(const KernelArgs& args, const Sizes& s, const Plan& plan, std::size_t g, const std::int8_t* x, const std::int8_t* h,
          const std::int16_t* cells, std::int16_t* out) noexcept {
  const auto in = args.inputs;
  const GatePlan& p = plan.gates[g];
  std::fill_n(out, s.cells, std::int16_t{0});
  accumulate(plan.products.dot, in[input_weights + g].as<const std::int8_t>(), x, p.input_bias, p.input, 0, s.input, out);
  accumulate(plan.products.dot, in[recurrent_weights + g].as<const std::int8_t>(), h, p.recurrent_bias, p.recurrent, 0, s.outputs,
             out);
  if (const View diagonal = peephole(in, g)) {
    const auto* w = diagonal.as<const std::int16_t>();
    for (std::int64_t c = 0; c < s.cells; ++c) {
      const std::int32_t sum = multiply(w[c] * cells[c], p.peephole) + out[c];
      out[c] = static_cast<std::int16_t>(std::clamp(sum, lowest<std::int16_t>(), highest<std::int16_t>()));
    }
  }
  if (const View norm = operand(in, layer_norm + g))
    layer_normalize(p, norm.as<const std::int16_t>(), in[gate_bias + g].as<const std::int32_t>(), out, s.cells);
  for (std::int64_t c = 0; c < s.cells; ++c)
    out[c] = g == cell_gate ? fixed_point::tanh(out[c], 3) : fixed_point::logistic(out[c], 3);
}

void step(const KernelArgs& args, const Sizes& s, const Plan& plan, const std::int8_t* x, std::int8_t* h, std::int16_t* cells,
          std::int8_t* out) noexcept {
  auto* scratch = reinterpret_cast<std::int16_t*>(args.scratch);
  std::int16_t* gates[gate_count];
  for (std::size_t g = 0; g < gate_count; ++g) gates[g] = scratch + static_cast<std::int64_t>(g) * s.cells;
  const bool coupled = !args.inputs[input_weights + input_gate];
  if (!coupled) gate(args, s, plan, input_gate, x, h, cells, gates[input_gate]);
  gate(args, s, plan, forget_gate, x, h, cells, gates[forget_gate]);
  gate(args, s, plan, cell_gate, x, h, cells, gates[cell_gate]);
  for (std::int64_t c = 0; c < s.cells; ++c) {
    const std::int16_t forget = gates[forget_gate][c];
    const std::int16_t let_in = coupled ? static_cast<std::int16_t>(32767 - forget) : gates[input_gate][c];
    const auto kept = static_cast<std::int16_t>(rounding_shift_right(forget * cells[c], 15));
    const auto added = static_cast<std::int16_t>(rounding_shift_right(let_in * gates[cell_gate][c], 30 + plan.cell_power));
    cells[c] = static_cast<std::int16_t>(std::clamp<std::int32_t>(kept + added, lowest<std::int16_t>(), highest<std::int16_t>()));
    if (plan.cell_clip > 0) cells[c] = std::clamp(cells[c], static_cast<std::int16_t>(-plan.cell_clip), plan.cell_clip);
  }
  gate(args, s, plan, output_gate, x, h, cells, gates[output_gate]);
  const View projection = operand(args.inputs, projection_weights);
  auto* hidden = projection ? reinterpret_cast<std::int8_t*>(scratch + static_cast<std::int64_t>(gate_count) * s.cells) : h;
  const std::int32_t zero_point = projection ? -plan.hidden_zero_point : plan.hidden_zero_point;
  for (std::int64_t c = 0; c < s.cells; ++c) {
    const std::int16_t squashed = fixed_point::tanh(cells[c], 15 + plan.cell_power);
    const std::int32_t v = multiply(gates[output_gate][c] * squashed, plan.hidden) + zero_point;
    hidden[c] = static_cast<std::int8_t>(std::clamp(v, -128, 127));
  }
  if (projection) {
    std::fill_n(h, s.outputs, std::int8_t{0});
    accumulate(plan.products.dot, projection.as<const std::int8_t>(), hidden, plan.projection_bias, plan.projection,
               plan.output_zero_point, s.cells, h);
    if (plan.projection_clip > 0)
      for (std::int64_t o = 0; o < s.outputs; ++o)
        h[o] = std::clamp(h[o], static_cast<std::int8_t>(-plan.projection_clip), plan.projection_clip);
  }
  std::copy_n(h, s.outputs, out);
}

Report refuse(std::string headline, Cause cause = Cause::missing_quantization) {
  return failure("QG2104", cause, std::move(headline));
}

/// What the clip is in stored units, saturated; 0: none.
template <class T>
T stored_clip(float clip, float scale) noexcept {
  if (!(clip > 0.0F)) return 0;
  return static_cast<T>(std::min(std::max(clip / scale, static_cast<float>(lowest<T>())), static_cast<float>(highest<T>())));
}

}  // namespace

void run_int8(const KernelArgs& args) noexcept {
  const Attributes& a = args.attributes<Attributes>();
  const Sizes s = sizes_of(args.inputs, a);
  const Plan& plan = args.prepared_as<Plan>();
  for (std::int64_t b = 0; b < s.batch; ++b) {
    auto* h = args.inputs[output_state].as<std::int8_t>() + b * s.outputs;
    auto* cells = args.inputs[cell_state].as<std::int16_t>() + b * s.cells;
    for (std::int64_t i = 0; i < s.time; ++i) {
      const std::int64_t row = s.row(b, a.reverse ? s.time - 1 - i : i);
      step(args, s, plan, args.in<std::int8_t>(input) + row * s.input, h, cells, args.out<std::int8_t>() + row * s.outputs);
    }
  }
}

Result<std::shared_ptr<const void>> prepare_int8(PrepareContext& c) {
  const Attributes& a = c.attributes<Attributes>();
  const auto in = c.inputs;
  const Sizes s = sizes_of(in, a);
  if (s.aux > 0) return refuse("a quantized LSTM with an auxiliary input is not defined", Cause::unsupported_dtype);
  if (a.activation != Activation::tanh) return refuse("a quantized LSTM takes tanh as its activation", Cause::invalid_attribute);
  if (in[output_state].type->storage() != DType::int8 || in[cell_state].type->storage() != DType::int16)
    return refuse("a quantized LSTM keeps its output state in int8 and its cell state in int16", Cause::unsupported_dtype);
  const bool normalized = static_cast<bool>(operand(in, layer_norm + forget_gate));
  const View projection = operand(in, projection_weights);
  const float output_scale = in[output_state].type->scale(), input_scale = in[input].type->scale(),
              cell_scale = in[cell_state].type->scale();
  if (!(output_scale > 0.0F) || !(cell_scale > 0.0F) || a.intermediate_scales.size() < 5)
    return refuse("a quantized LSTM needs scales of its states and of its intermediate values");
  auto plan = std::make_shared<Plan>();
  const double power = std::log2(static_cast<double>(cell_scale));
  plan->cell_power = static_cast<int>(std::lround(power));
  if (std::abs(power - plan->cell_power) > 1e-3 || plan->cell_power > -9 || plan->cell_power < -15)
    return refuse("the cell state's scale is no power of two from 2^-15 to 2^-9", Cause::invalid_quantization);
  plan->cell_clip = stored_clip<std::int16_t>(a.cell_clip, cell_scale);
  plan->projection_clip = stored_clip<std::int8_t>(a.projection_clip, c.outputs[0].type->scale());
  for (std::size_t g = 0; g < gate_count; ++g) {
    const View w = in[input_weights + g], r = in[recurrent_weights + g];
    if (!w) continue;
    if (!w.data || !r.data) return refuse("the weights of a quantized LSTM are constants", Cause::unsupported_dtype);
    GatePlan& p = plan->gates[g];
    const float into = normalized ? a.intermediate_scales[g] : static_cast<float>(std::pow(2, -12));
    p.input = quantize_multiplier(w.type->scale() * input_scale / into);
    p.recurrent = quantize_multiplier(r.type->scale() * output_scale / into);
    if (const View d = peephole(in, g))
      p.peephole = quantize_multiplier(static_cast<float>(std::pow(2, plan->cell_power) * d.type->scale() / into));
    if (normalized) {
      const float scale = in[layer_norm + g].type->scale();
      p.layer_norm = quantize_multiplier(scale);
      p.variance_guard = std::max(1, static_cast<std::int32_t>(10000 * scale));
    }
    p.input_bias =
        folded_bias(w, static_cast<std::int32_t>(in[input].type->zero_point()), normalized ? View{} : operand(in, gate_bias + g));
    p.recurrent_bias = folded_bias(r, static_cast<std::int32_t>(in[output_state].type->zero_point()), {});
  }
  const float hidden_scale = a.intermediate_scales[4];
  plan->hidden_zero_point = static_cast<std::int32_t>(a.hidden_zero_point);
  plan->output_zero_point = static_cast<std::int32_t>(in[output_state].type->zero_point());
  plan->hidden = quantize_multiplier(static_cast<float>(std::pow(2, -15) / hidden_scale * std::pow(2, -15)));
  if (projection) {
    if (!projection.data) return refuse("the weights of a quantized LSTM are constants", Cause::unsupported_dtype);
    plan->projection = quantize_multiplier(projection.type->scale() * hidden_scale / output_scale);
    plan->projection_bias = folded_bias(projection, -plan->hidden_zero_point, operand(in, projection_bias));
  }
  c.scratch_bytes = static_cast<std::size_t>(s.cells) * (gate_count * sizeof(std::int16_t) + 1);
  return std::shared_ptr<const void>(std::move(plan));
}

}  // namespace qgraph::lstm
