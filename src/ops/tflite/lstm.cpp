// tflite.lstm: TFLite's fused LSTM over a sequence or a single step, with peephole weights, projection and layer normalization.
#include "ops/support/lstm.hpp"

#include "ops/op_def.hpp"

namespace qgraph::ops::tflite {
namespace {

constexpr std::array attributes{
    attr<&lstm::Attributes::activation>("activation", "of the cell gate and the output"),
    attr<&lstm::Attributes::cell_clip>("cell_clip", "bound on the cell state, 0: none"),
    attr<&lstm::Attributes::projection_clip>("projection_clip", "bound on the projection, 0: none"),
    attr<&lstm::Attributes::time_major>("time_major", "the input is [time, batch, features], else [batch, time, features]"),
    attr<&lstm::Attributes::reverse>("reverse", "from the last step to the first"),
    attr<&lstm::Attributes::asymmetric_inputs>("asymmetric_inputs",
                                               "8-bit weights, float input: quantize activations with a zero point"),
    attr<&lstm::Attributes::intermediate_scales>("intermediate_scales",
                                                 "quantized: scales into the four gates' activations, and of the hidden value"),
    attr<&lstm::Attributes::hidden_zero_point>("hidden_zero_point", "quantized: of the hidden value"),
};

/// Rank, and the dimensions that are known, agree.
bool has_shape(const InferContext& c, std::size_t i, std::initializer_list<std::int64_t> want) {
  if (!c.has(i) || !c.shape(i).ranked()) return true;
  if (c.shape(i).rank() != want.size()) return false;
  std::size_t k = 0;
  for (const std::int64_t w : want) {
    const std::int64_t have = c.shape(i)[k++];
    if (have >= 0 && w >= 0 && have != w) return false;
  }
  return true;
}

Result<Types> infer(const InferContext& c) {
  using namespace lstm;
  const auto& a = c.attributes<lstm::Attributes>();
  const Shape& x = c.shape(input);
  if (!x.ranked() || !c.shape(input_weights + output_gate).ranked() || !c.shape(recurrent_weights + output_gate).ranked())
    return Types{c.output(0, c.input(input).element, Shape::unknown_rank())};
  if (x.rank() != 2 && x.rank() != 3)
    return constraint("lstm_c1", "the input has rank " + std::to_string(x.rank()) + ", not 2 or 3");
  if (c.shape(input_weights + output_gate).rank() != 2 || c.shape(recurrent_weights + output_gate).rank() != 2)
    return constraint("lstm_c2", "weights have rank 2: [cells, inputs] and [cells, outputs]");
  const std::int64_t features = x[x.rank() - 1], cells = c.shape(input_weights + output_gate)[0],
                     outputs = c.shape(recurrent_weights + output_gate)[1];
  const std::int64_t batch = x.rank() == 2 ? x[0] : x[a.time_major ? 1 : 0];
  const bool coupled = !c.has(input_weights + input_gate);
  for (std::size_t g = 0; g < gate_count; ++g) {
    if (g == input_gate && coupled) continue;
    if (!c.has(input_weights + g) || !c.has(recurrent_weights + g))
      return constraint("lstm_c3", "a gate has only one of its two weights", Cause::dangling_reference);
    if (!c.has(gate_bias + g)) return constraint("lstm_c4", "a gate lacks its bias", Cause::dangling_reference);
    if (!has_shape(c, input_weights + g, {cells, features}) || !has_shape(c, recurrent_weights + g, {cells, outputs}) ||
        !has_shape(c, gate_bias + g, {cells}) || !has_shape(c, layer_norm + g, {cells}))
      return constraint("lstm_c5",
                        "weights, biases and coefficients of a gate are [cells, inputs], [cells, outputs], [cells] and [cells]");
    if (g < 3 && !has_shape(c, peephole_weights + g, {cells})) return constraint("lstm_c6", "peephole weights are [cells]");
  }
  if (!has_shape(c, output_state, {batch, outputs}) || !has_shape(c, cell_state, {batch, cells}))
    return constraint("lstm_c7", "the states are [batch, outputs] and [batch, cells]");
  if (c.has(projection_weights)) {
    if (!has_shape(c, projection_weights, {outputs, cells}) || !has_shape(c, projection_bias, {outputs}))
      return constraint("lstm_c8", "the projection is [outputs, cells], its bias [outputs]");
  } else if (cells >= 0 && outputs >= 0 && cells != outputs) {
    return constraint("lstm_c9", "without a projection there are as many outputs as cells");
  }
  if (c.has(aux_input)) {
    const std::int64_t aux =
        c.shape(aux_input).ranked() && c.shape(aux_input).rank() == x.rank() ? c.shape(aux_input)[x.rank() - 1] : -1;
    for (std::size_t g = 0; g < gate_count; ++g)
      if (!has_shape(c, aux_weights + g, {cells, aux}))
        return constraint("lstm_c10", "weights of the auxiliary input are [cells, its features]");
  }
  std::vector<std::int64_t> dims(x.begin(), x.end());
  dims.back() = outputs;
  return Types{c.output(0, c.input(input).element, Shape(std::move(dims)))};
}

constexpr std::array kernels{
    kernel(DType::float32, DType::float32, lstm::run_float, lstm::prepare_float),
    kernel(DType::float32, DType::qint8, lstm::run_hybrid, lstm::prepare_hybrid),
    kernel(DType::float32, DType::quint8, lstm::run_hybrid, lstm::prepare_hybrid),
    kernel(DType::qint8, DType::qint8, lstm::run_int8, lstm::prepare_int8),
    kernel(DType::qint16, DType::qint8, lstm::run_int16, lstm::prepare_int16),
};

}  // namespace

extern constexpr OpDef lstm{
    .name = "tflite.lstm",
    .help =
        "Fused LSTM (TFLite UNIDIRECTIONAL_SEQUENCE_LSTM and LSTM): gates i, f, g, o; c = f*c + i*g; h = o * activation(c), "
        "projected. "
        "Float, 8-bit weights with float activations, or int8 or int16 activations with a 16-bit cell state.",
    .inputs =
        "input input_to_input_weights? input_to_forget_weights input_to_cell_weights input_to_output_weights "
        "recurrent_to_input_weights? "
        "recurrent_to_forget_weights recurrent_to_cell_weights recurrent_to_output_weights cell_to_input_weights? "
        "cell_to_forget_weights? "
        "cell_to_output_weights? input_gate_bias? forget_gate_bias cell_gate_bias output_gate_bias projection_weights? "
        "projection_bias? "
        "output_state cell_state input_layer_norm? forget_layer_norm? cell_layer_norm? output_layer_norm? aux_input? "
        "aux_input_to_input_weights? aux_input_to_forget_weights? aux_input_to_cell_weights? aux_input_to_output_weights?",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<lstm::Attributes>(attributes),
    .infer = infer,
    .reference = kernels,
    .secondary = 2,
    .stateful = true,
};

}  // namespace qgraph::ops::tflite
