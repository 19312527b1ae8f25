// onnx.gru: ONNX's GRU.
#include <algorithm>

#include "ops/support/recurrent.hpp"

namespace qgraph::ops::onnx {
namespace {

struct Gru : Recurrent {
  bool linear_before_reset = false;
};
constexpr std::array attributes = [] {
  std::array<AttrDef, 7 + 1> all{};
  std::ranges::copy(recurrent_attributes<Gru>(), all.begin());
  all[7] = attr<&Gru::linear_before_reset>("linear_before_reset", "the reset gate weighs what the state's weights made of it");
  return all;
}();

// gru_c1: ranks and direction; c2: weights; c3: bias, lengths, states.
Result<Types> infer(const InferContext& c) { return infer_recurrent(c, "gru", c.attributes<Gru>(), 3, false); }

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  auto plan = plan_recurrent(c, c.attributes<Gru>(), 3, {"sigmoid", "tanh"});
  if (!plan) return std::move(plan).error();
  return std::shared_ptr<const void>(*std::move(plan));
}

/// Gates in the order update, reset, hidden.
void step(const KernelArgs& args, const RecurrentPlan& p, const GateSums& s) noexcept {
  const GateFunction* f = p.functions.data() + 2 * s.direction;
  const bool linear = args.attributes<Gru>().linear_before_reset;
  const auto hidden_bias = [&](const float* bias, std::int64_t u) { return bias ? bias[2 * p.units + u] : 0.0F; };
  const auto bounded = [&](float x) { return p.clip > 0 ? std::clamp(x, -p.clip, p.clip) : x; };
  // The state's part of the hidden gate, in place of what was summed for it.
  float* hidden = s.state_sums + 2 * p.units;
  for (std::int64_t u = 0; u < p.units; ++u) {
    const float reset = f[0](gate_sum(p, s, 1, u));
    if (linear)
      hidden[u] = reset * (hidden[u] + hidden_bias(s.state_bias, u));
    else
      s.row[u] = reset * s.state[u];
  }
  if (!linear) {
    state_sums(args, p, s.direction, 2, s.row, hidden);
    for (std::int64_t u = 0; u < p.units; ++u) hidden[u] += hidden_bias(s.state_bias, u);
  }
  for (std::int64_t u = 0; u < p.units; ++u) {
    const float update = f[0](gate_sum(p, s, 0, u));
    const float candidate = f[1](bounded(s.input[2 * p.units + u] + hidden_bias(s.input_bias, u) + hidden[u]));
    s.state[u] = (1.0F - update) * candidate + update * s.state[u];
  }
}

void run(const KernelArgs& args) noexcept { run_recurrent(args, args.prepared_as<RecurrentPlan>(), false, step); }

constexpr std::array kernels{kernel(DType::float32, run, prepare)};

}  // namespace

extern constexpr OpDef gru{.name = "onnx.gru",
                           .help = "Gated recurrent units over sequences, in one or both directions.",
                           .inputs = "x w r b? lengths? initial_h?",
                           .outputs = "y y_h",
                           .exactness = Exactness::float_order,
                           .attributes = attribute_table<Gru>(attributes),
                           .infer = &infer,
                           .reference = kernels};

}  // namespace qgraph::ops::onnx
