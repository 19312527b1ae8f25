// LSTM in float arithmetic, with float weights or with 8-bit weights against activations that are quantized on the fly. Order
// of operations: TFLite's kernels/lstm_eval.cc.
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "ops/support/dot_rows.hpp"
#include "ops/support/hybrid_quantize.hpp"
#include "ops/support/lstm.hpp"

namespace qgraph::lstm {
namespace {

/// A row of activations, and its quantized form where the weights are 8-bit.
struct Row {
  const float* values = nullptr;
  const std::int8_t* stored = nullptr;
  HybridScale scale{};
  bool zeros = false;
  DotRowsFn dot = dot_rows;
};

struct Workspace {
  DotRowsFn dot;
  float* gates[gate_count];
  float* hidden;
  std::int8_t* stored_input;
  std::int8_t* stored_aux;
  std::int8_t* stored_output;
  std::int8_t* stored_hidden;
};

std::size_t workspace_bytes(const Sizes& s) noexcept {
  return static_cast<std::size_t>(s.cells) * (gate_count + 1) * sizeof(float) +
         static_cast<std::size_t>(s.input + s.aux + s.outputs + s.cells);
}

Workspace lay_out(std::byte* scratch, const Sizes& s) noexcept {
  Workspace w{};
  auto* floats = reinterpret_cast<float*>(scratch);
  for (float*& g : w.gates) {
    g = floats;
    floats += s.cells;
  }
  w.hidden = floats;
  auto* bytes = reinterpret_cast<std::int8_t*>(floats + s.cells);
  w.stored_input = bytes;
  w.stored_aux = bytes + s.input;
  w.stored_output = w.stored_aux + s.aux;
  w.stored_hidden = w.stored_output + s.outputs;
  return w;
}

/// sums += weights * row, one dot product per row of weights.
void accumulate(const View& weights, const Row& row, std::int64_t rows, std::int64_t columns, float* sums) noexcept {
  if (!weights) return;
  if (weights.type->storage() == DType::float32) {
    const float* w = weights.as<const float>();
    for (std::int64_t r = 0; r < rows; ++r, w += columns) {
      float dot = 0.0F;
      for (std::int64_t c = 0; c < columns; ++c) dot += w[c] * row.values[c];
      sums[r] += dot;
    }
    return;
  }
  if (row.zeros) return;
  const float scale = weights.type->scale() * row.scale.scale;
  const auto* w = weights.as<const std::int8_t>();
  each_dot(row.dot, w, row.stored, rows, columns, [&](std::int64_t r, std::int32_t sum, std::int32_t total) noexcept {
    sums[r] += static_cast<float>(sum - total * row.scale.zero_point) * scale;
  });
}

Row make_row(const float* values, std::int64_t n, bool quantize, bool asymmetric, std::int8_t* stored, DotRowsFn dot) noexcept {
  Row row{.values = values, .dot = dot};
  if (!quantize) return row;
  row.zeros = std::all_of(values, values + n, [](float v) { return v == 0.0F; });
  row.stored = stored;
  if (!row.zeros) row.scale = quantize_hybrid(values, n, asymmetric, stored);
  return row;
}

void activate(Activation a, float* v, std::int64_t n) noexcept {
  Eigen::Map<Eigen::ArrayXf> x(v, n);
  switch (a) {
    case Activation::tanh: x = x.tanh(); break;
    case Activation::none: break;
    case Activation::sign_bit:
      for (std::int64_t i = 0; i < n; ++i) v[i] = std::signbit(v[i]) ? 1.0F : 0.0F;
      break;
    default: {
      const auto [low, high] = activation_range(a);
      for (std::int64_t i = 0; i < n; ++i) v[i] = std::min(std::max(v[i], low), high);
    }
  }
}

void layer_normalize(const float* coefficients, const float* bias, float* v, std::int64_t n) noexcept {
  float sum = 0.0F;
  for (std::int64_t i = 0; i < n; ++i) sum += v[i];
  const float mean = sum / static_cast<float>(n);
  float squares = 0.0F;
  for (std::int64_t i = 0; i < n; ++i) {
    const float d = v[i] - mean;
    squares += d * d;
  }
  const float inverse = 1.0F / std::sqrt(squares / static_cast<float>(n) + 1e-8F);
  for (std::int64_t i = 0; i < n; ++i) v[i] = (v[i] - mean) * inverse * coefficients[i] + bias[i];
}

void gate(const KernelArgs& args, const Sizes& s, std::size_t g, const Row& x, const Row& aux, const Row& h, const float* cells,
          float* out) noexcept {
  const auto in = args.inputs;
  const View norm = operand(in, layer_norm + g), bias = operand(in, gate_bias + g), diagonal = peephole(in, g);
  if (norm || !bias)
    std::fill_n(out, s.cells, 0.0F);
  else
    std::copy_n(bias.as<const float>(), s.cells, out);
  accumulate(in[input_weights + g], x, s.cells, s.input, out);
  if (s.aux > 0) accumulate(operand(in, aux_weights + g), aux, s.cells, s.aux, out);
  accumulate(in[recurrent_weights + g], h, s.cells, s.outputs, out);
  if (diagonal) {
    const bool real = diagonal.type->storage() == DType::float32;
    const float scale = diagonal.type->scale();
    for (std::int64_t c = 0; c < s.cells; ++c) {
      const float w = real ? diagonal.as<const float>()[c] : static_cast<float>(diagonal.as<const std::int8_t>()[c]) * scale;
      out[c] += w * cells[c];
    }
  }
  if (norm) layer_normalize(norm.as<const float>(), bias.as<const float>(), out, s.cells);
  if (g == cell_gate) {
    activate(args.attributes<Attributes>().activation, out, s.cells);
  } else {
    Eigen::Map<Eigen::ArrayXf> v(out, s.cells);
    v = v.logistic();
  }
}

void clip(float* v, std::int64_t n, float bound) noexcept {
  if (bound > 0.0F)
    for (std::int64_t i = 0; i < n; ++i) v[i] = std::max(std::min(bound, v[i]), -bound);
}

void step(const KernelArgs& args, const Sizes& s, const Workspace& w, bool hybrid, const float* x_values, const float* aux_values,
          float* h, float* cells, float* out) noexcept {
  const Attributes& a = args.attributes<Attributes>();
  const auto in = args.inputs;
  const bool coupled = !in[input_weights + input_gate];  // CIFG: the input gate is 1 - the forget gate
  const Row x = make_row(x_values, s.input, hybrid, a.asymmetric_inputs, w.stored_input, w.dot);
  const Row aux = s.aux > 0 ? make_row(aux_values, s.aux, hybrid, a.asymmetric_inputs, w.stored_aux, w.dot) : Row{};
  const Row state = make_row(h, s.outputs, hybrid, a.asymmetric_inputs, w.stored_output, w.dot);
  if (!coupled) gate(args, s, input_gate, x, aux, state, cells, w.gates[input_gate]);
  gate(args, s, forget_gate, x, aux, state, cells, w.gates[forget_gate]);
  gate(args, s, cell_gate, x, aux, state, cells, w.gates[cell_gate]);
  for (std::int64_t c = 0; c < s.cells; ++c) {
    const float forget = w.gates[forget_gate][c];
    const float let_in = coupled ? 1.0F - forget : w.gates[input_gate][c];
    cells[c] = forget * cells[c];
    cells[c] += w.gates[cell_gate][c] * let_in;
  }
  clip(cells, s.cells, a.cell_clip);
  gate(args, s, output_gate, x, aux, state, cells, w.gates[output_gate]);
  std::copy_n(cells, s.cells, w.hidden);
  activate(a.activation, w.hidden, s.cells);
  for (std::int64_t c = 0; c < s.cells; ++c) w.hidden[c] = w.gates[output_gate][c] * w.hidden[c];
  const View projection = operand(in, projection_weights), bias = operand(in, projection_bias);
  if (projection) {
    const Row hidden = make_row(w.hidden, s.cells, hybrid, a.asymmetric_inputs, w.stored_hidden, w.dot);
    if (bias)
      std::copy_n(bias.as<const float>(), s.outputs, h);
    else
      std::fill_n(h, s.outputs, 0.0F);
    accumulate(projection, hidden, s.outputs, s.cells, h);
    clip(h, s.outputs, a.projection_clip);
  } else {
    std::copy_n(w.hidden, s.outputs, h);
  }
  std::copy_n(h, s.outputs, out);
}

void run_sequence(const KernelArgs& args, bool hybrid) noexcept {
  const Attributes& a = args.attributes<Attributes>();
  const Sizes s = sizes_of(args.inputs, a);
  Workspace w = lay_out(args.scratch, s);
  w.dot = hybrid ? args.prepared_as<DotPlan>().dot : dot_rows;
  const View aux = operand(args.inputs, aux_input);
  for (std::int64_t b = 0; b < s.batch; ++b) {
    float* h = args.inputs[output_state].as<float>() + b * s.outputs;
    float* cells = args.inputs[cell_state].as<float>() + b * s.cells;
    for (std::int64_t i = 0; i < s.time; ++i) {
      const std::int64_t row = s.row(b, a.reverse ? s.time - 1 - i : i);
      step(args, s, w, hybrid, args.in<float>(input) + row * s.input, s.aux > 0 ? aux.as<const float>() + row * s.aux : nullptr,
           h, cells, args.out<float>() + row * s.outputs);
    }
  }
}

}  // namespace

void run_float(const KernelArgs& args) noexcept { run_sequence(args, false); }
void run_hybrid(const KernelArgs& args) noexcept { run_sequence(args, true); }

Result<std::shared_ptr<const void>> prepare_float(PrepareContext& c) {
  c.scratch_bytes = workspace_bytes(sizes_of(c.inputs, c.attributes<Attributes>()));
  return std::shared_ptr<const void>{};
}

Result<std::shared_ptr<const void>> prepare_hybrid(PrepareContext& c) {
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    const bool weights = (i >= input_weights && i < gate_bias) || i == projection_weights || i >= aux_weights;
    if (!weights || !c.has(i)) continue;
    const DType d = c.inputs[i].type->storage();
    if (d != DType::int8 && d != DType::uint8 && d != DType::float32)
      return failure("QG2102", Cause::unsupported_dtype,
                     "an LSTM with float activations takes float32 or int8 weights, not " + std::string(name(d)));
  }
  c.scratch_bytes = workspace_bytes(sizes_of(c.inputs, c.attributes<Attributes>()));
  return std::shared_ptr<const void>(std::make_shared<DotPlan>());
}

}  // namespace qgraph::lstm
