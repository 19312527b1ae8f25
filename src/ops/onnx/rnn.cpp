// onnx.rnn: ONNX's RNN.
#include <algorithm>

#include "ops/support/recurrent.hpp"

namespace qgraph::ops::onnx {
namespace {

struct Rnn : Recurrent {};
constexpr auto attributes = recurrent_attributes<Rnn>();

// rnn_c1: ranks and direction; c2: weights; c3: bias, lengths, states.
Result<Types> infer(const InferContext& c) { return infer_recurrent(c, "rnn", c.attributes<Rnn>(), 1, false); }

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  auto plan = plan_recurrent(c, c.attributes<Rnn>(), 1, {"tanh"});
  if (!plan) return std::move(plan).error();
  return std::shared_ptr<const void>(*std::move(plan));
}

void step(const KernelArgs&, const RecurrentPlan& p, const GateSums& s) noexcept {
  const GateFunction f = p.functions[static_cast<std::size_t>(s.direction)];
  for (std::int64_t u = 0; u < p.units; ++u) {
    const float sum = s.input[u] + s.state_sums[u] + (s.input_bias ? s.input_bias[u] + s.state_bias[u] : 0.0F);
    s.state[u] = f(p.clip > 0 ? std::clamp(sum, -p.clip, p.clip) : sum);
  }
}

void run(const KernelArgs& args) noexcept { run_recurrent(args, args.prepared_as<RecurrentPlan>(), false, step); }

constexpr std::array kernels{kernel(DType::float32, run, prepare)};

}  // namespace

extern constexpr OpDef rnn{.name = "onnx.rnn",
                           .help = "A simple recurrent layer over sequences, in one or both directions.",
                           .inputs = "x w r b? lengths? initial_h?",
                           .outputs = "y y_h",
                           .exactness = Exactness::float_order,
                           .attributes = attribute_table<Rnn>(attributes),
                           .infer = &infer,
                           .reference = kernels};

}  // namespace qgraph::ops::onnx
