// tflite.bidirectional_sequence_rnn: two basic recurrent cells, one over a sequence, one from its end.
#include "ops/support/rnn.hpp"

namespace qgraph::ops::tflite {
namespace {

struct BidirectionalRnn {
  bool time_major = false, merge_outputs = false, asymmetric_quantize_inputs = false;
  Activation activation = Activation::none;
};
using A = BidirectionalRnn;
constexpr std::array attributes{attr<&A::time_major>("time_major", "[time, batch, size], else [batch, time, size]"),
                                attr<&A::merge_outputs>("merge_outputs", "one output: forward units, then backward ones"),
                                attr<&A::activation>("activation", "of the new states"),
                                attr<&A::asymmetric_quantize_inputs>("asymmetric_quantize_inputs", "of the hybrid kernel")};
enum : std::size_t { input, forward = 1, backward = 5, auxiliary = 9, forward_auxiliary = 10, backward_auxiliary = 11 };

// tflite.bidirectional_sequence_rnn_c1: shapes of both directions as in tflite.rnn; the auxiliary input goes to both cells where
// it has weights, else it is the backward cell's input; c2: float, or int8 weights with one scale.
Result<Types> infer(const InferContext& c) {
  constexpr std::string_view shapes = "tflite.bidirectional_sequence_rnn_c1";
  const Shape& in = c.shape(input);
  const auto& a = c.attributes<A>();
  if (!in.is_static()) return Types(c.output_count, TensorType(DType::float32, Shape{-1, -1, -1}));
  if (in.rank() != 3) return constraint(shapes, "input must have three axes");
  const std::int64_t batch = in[a.time_major ? 1 : 0];
  const bool has_aux = c.has(auxiliary), weighted = c.has(forward_auxiliary);
  if (weighted != c.has(backward_auxiliary) || (weighted && !has_aux))
    return constraint(shapes, "auxiliary operands come together");
  std::int64_t backward_columns = in[2];
  if (has_aux) {
    const Shape& aux = c.shape(auxiliary);
    if (!aux.is_static() || aux.rank() != 3 || aux[0] != in[0] || aux[1] != in[1] || c.input(auxiliary).dtype() != DType::float32)
      return constraint(shapes, "the auxiliary input does not fit the input");
    if (!weighted) backward_columns = aux[2];
    for (std::size_t i : {forward_auxiliary, backward_auxiliary})
      if (weighted && (c.shape(i).rank() != 2 || c.shape(i)[0] != c.shape(i == forward_auxiliary ? forward : backward)[0] ||
                       c.shape(i)[1] != aux[2] || c.input(i).dtype() != c.input(forward).dtype()))
        return constraint(shapes, "auxiliary weights do not fit");
  }
  if (!rnn_shapes_fit(c, forward, batch, in[2]) || !rnn_shapes_fit(c, backward, batch, backward_columns))
    return constraint(shapes, "the operands' shapes do not fit");
  if (!rnn_dtypes_fit(c, forward) || !rnn_dtypes_fit(c, backward))
    return constraint("tflite.bidirectional_sequence_rnn_c2", "weights must be float32 or int8 with one scale",
                      Cause::unsupported_dtype);
  const std::int64_t f = c.shape(forward)[0], b = c.shape(backward)[0];
  if (a.merge_outputs) return Types{TensorType(DType::float32, Shape{in[0], in[1], f + b})};
  return Types{TensorType(DType::float32, Shape{in[0], in[1], f}), TensorType(DType::float32, Shape{in[0], in[1], b})};
}

/// The reference's hybrid kernel runs a time-major sequence once for every step of it; here each step comes once.
void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<A>();
  const bool weighted = args.has(forward_auxiliary), instead = args.has(auxiliary) && !weighted;
  const float* aux = args.has(auxiliary) ? args.in<float>(auxiliary) : nullptr;
  const std::int64_t aux_size = aux != nullptr ? args.inputs[auxiliary].dim(2) : 0;
  const std::int64_t units[] = {args.inputs[forward].dim(0), args.inputs[backward].dim(0)};
  for (const bool back : {false, true}) {
    const std::size_t first = back ? backward : forward;
    const View extra = weighted ? args.inputs[back ? backward_auxiliary : forward_auxiliary] : View{};
    const RnnCell cell{args.inputs[first],
                       args.inputs[first + 1],
                       args.inputs[first + 2],
                       extra,
                       a.activation,
                       a.asymmetric_quantize_inputs,
                       reinterpret_cast<std::int8_t*>(args.scratch)};
    const bool reads_aux = back && instead;
    const View& from = args.inputs[reads_aux ? auxiliary : input];
    float* out = a.merge_outputs ? args.out<float>() + (back ? units[0] : 0) : args.out<float>(back ? 1 : 0);
    run_sequence(cell, Sequence(from.shape(), a.time_major), from.as<float>(), weighted ? aux : nullptr, aux_size,
                 args.inputs[first + 3].as<float>(), out, a.merge_outputs ? units[0] + units[1] : units[back], back);
  }
}

constexpr std::array kernels{kernel(DType::float32, run, prepare_rnn)};

}  // namespace

extern constexpr OpDef bidirectional_sequence_rnn{
    .name = "tflite.bidirectional_sequence_rnn",
    .help = "tflite.rnn over a sequence in both directions. TensorFlow Lite's BIDIRECTIONAL_SEQUENCE_RNN, float and hybrid.",
    .inputs =
        "input fw_weights fw_recurrent_weights fw_bias fw_hidden_state bw_weights bw_recurrent_weights bw_bias bw_hidden_state "
        "aux_input? fw_aux_weights? bw_aux_weights?",
    .outputs = "fw_output bw_output?",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<A>(attributes),
    .infer = &infer,
    .reference = kernels,
    .stateful = true};

}  // namespace qgraph::ops::tflite
