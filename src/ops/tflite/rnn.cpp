// tflite.rnn: one step of a basic recurrent cell.
#include "ops/support/rnn.hpp"

namespace qgraph::ops::tflite {
namespace {

struct Rnn {
  Activation activation = Activation::none;
  bool asymmetric_quantize_inputs = false;
};
constexpr std::array attributes{attr<&Rnn::activation>("activation", "of the new state"),
                                attr<&Rnn::asymmetric_quantize_inputs>("asymmetric_quantize_inputs", "of the hybrid kernel")};

// tflite.rnn_c1: input [batch, size], weights [units, size], recurrent [units, units], bias [units], hidden [batch, units];
// c2: float, or int8 weights with one scale.
Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  if (!in.ranked()) return Types{TensorType(DType::float32, Shape{-1, -1})};
  if (in.rank() != 2 || !rnn_shapes_fit(c, 1, in[0], in[1]))
    return constraint("tflite.rnn_c1", "the operands' shapes do not fit");
  if (!rnn_dtypes_fit(c, 1))
    return constraint("tflite.rnn_c2", "weights must be float32 or int8 with one scale", Cause::unsupported_dtype);
  return Types{TensorType(DType::float32, Shape{in[0], c.shape(1)[0]})};
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<Rnn>();
  const RnnCell cell{args.inputs[1],
                     args.inputs[2],
                     args.inputs[3],
                     {},
                     a.activation,
                     a.asymmetric_quantize_inputs,
                     reinterpret_cast<std::int8_t*>(args.scratch)};
  const std::int64_t batch = args.inputs[0].dim(0), size = args.inputs[0].dim(1), units = args.inputs[1].dim(0);
  for (std::int64_t b = 0; b < batch; ++b)
    cell.step(args.in<float>(0) + b * size, nullptr, args.inputs[4].as<float>() + b * units, args.out<float>() + b * units);
}

constexpr std::array kernels{kernel(DType::float32, run, prepare_rnn)};

}  // namespace

extern constexpr OpDef rnn{
    .name = "tflite.rnn",
    .help = "hidden = output = activation(weights * input + recurrent * hidden + bias). TensorFlow Lite's RNN, float and hybrid.",
    .inputs = "input weights recurrent_weights bias hidden_state",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Rnn>(attributes),
    .infer = &infer,
    .reference = kernels,
    .stateful = true};

}  // namespace qgraph::ops::tflite
