// tflite.unidirectional_sequence_rnn: a basic recurrent cell over a sequence.
#include "ops/support/rnn.hpp"

namespace qgraph::ops::tflite {
namespace {

struct SequenceRnn {
  bool time_major = false, asymmetric_quantize_inputs = false;
  Activation activation = Activation::none;
};
constexpr std::array attributes{
    attr<&SequenceRnn::time_major>("time_major", "[time, batch, size], else [batch, time, size]"),
    attr<&SequenceRnn::activation>("activation", "of the new state"),
    attr<&SequenceRnn::asymmetric_quantize_inputs>("asymmetric_quantize_inputs", "of the hybrid kernel")};

// tflite.unidirectional_sequence_rnn_c1: shapes as in tflite.rnn, input with time; c2: float, or int8 weights with one scale.
Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  if (!in.ranked()) return Types{TensorType(DType::float32, Shape{-1, -1, -1})};
  const bool major = c.attributes<SequenceRnn>().time_major;
  if (in.rank() != 3 || !rnn_shapes_fit(c, 1, in[major ? 1 : 0], in[2]))
    return constraint("tflite.unidirectional_sequence_rnn_c1", "the operands' shapes do not fit");
  if (!rnn_dtypes_fit(c, 1))
    return constraint("tflite.unidirectional_sequence_rnn_c2", "weights must be float32 or int8 with one scale",
                      Cause::unsupported_dtype);
  return Types{TensorType(DType::float32, Shape{in[0], in[1], c.shape(1)[0]})};
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<SequenceRnn>();
  const RnnCell cell{args.inputs[1],
                     args.inputs[2],
                     args.inputs[3],
                     {},
                     a.activation,
                     a.asymmetric_quantize_inputs,
                     reinterpret_cast<std::int8_t*>(args.scratch)};
  run_sequence(cell, Sequence(args.inputs[0].shape(), a.time_major), args.in<float>(0), nullptr, 0, args.inputs[4].as<float>(),
               args.out<float>(), args.inputs[1].dim(0), false);
}

constexpr std::array kernels{kernel(DType::float32, run, prepare_rnn)};

}  // namespace

extern constexpr OpDef unidirectional_sequence_rnn{
    .name = "tflite.unidirectional_sequence_rnn",
    .help = "tflite.rnn over the steps of a sequence. TensorFlow Lite's UNIDIRECTIONAL_SEQUENCE_RNN, float and hybrid.",
    .inputs = "input weights recurrent_weights bias hidden_state",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<SequenceRnn>(attributes),
    .infer = &infer,
    .reference = kernels,
    .stateful = true};

}  // namespace qgraph::ops::tflite
