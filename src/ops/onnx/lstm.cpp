// onnx.lstm: ONNX's LSTM and ONNX Runtime's DynamicQuantizeLSTM.
#include <algorithm>

#include "ops/support/recurrent.hpp"

namespace qgraph::ops::onnx {
namespace {

struct Lstm : Recurrent {
  bool input_forget = false;
};
constexpr std::array attributes = [] {
  std::array<AttrDef, 7 + 1> all{};
  std::ranges::copy(recurrent_attributes<Lstm>(), all.begin());
  all[7] = attr<&Lstm::input_forget>("input_forget", "the forget gate is what the input gate leaves");
  return all;
}();

// lstm_c1: ranks and direction; c2: weights; c3: bias, lengths, states.
Result<Types> infer(const InferContext& c) { return infer_recurrent(c, "lstm", c.attributes<Lstm>(), 4, true); }

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  auto plan = plan_recurrent(c, c.attributes<Lstm>(), 4, {"sigmoid", "tanh", "tanh"});
  if (!plan) return std::move(plan).error();
  return std::shared_ptr<const void>(*std::move(plan));
}

/// Gates in the order input, output, forget, cell; peepholes input, output, forget.
void step(const KernelArgs& args, const RecurrentPlan& p, const GateSums& s) noexcept {
  const GateFunction* f = p.functions.data() + 3 * s.direction;
  const bool input_forget = args.attributes<Lstm>().input_forget;
  const float* peephole = args.has(operand_peepholes) ? args.in<float>(operand_peepholes) + s.direction * 3 * p.units : nullptr;
  const auto peep = [&](std::int64_t k, std::int64_t u, float cell) {
    return peephole ? peephole[k * p.units + u] * cell : 0.0F;
  };
  for (std::int64_t u = 0; u < p.units; ++u) {
    const float before = s.cell[u];
    const float input = f[0](gate_sum(p, s, 0, u, peep(0, u, before)));
    const float forget = input_forget ? 1.0F - input : f[0](gate_sum(p, s, 2, u, peep(2, u, before)));
    const float cell = forget * before + input * f[1](gate_sum(p, s, 3, u));
    const float output = f[0](gate_sum(p, s, 1, u, peep(1, u, cell)));
    s.cell[u] = cell;
    s.row[u] = output * f[2](p.clip > 0 ? std::clamp(cell, -p.clip, p.clip) : cell);
  }
  std::copy_n(s.row, p.units, s.state);
}

void run(const KernelArgs& args) noexcept { run_recurrent(args, args.prepared_as<RecurrentPlan>(), true, step); }

constexpr std::array kernels{kernel(DType::float32, run, prepare)};

}  // namespace

extern constexpr OpDef lstm{
    .name = "onnx.lstm",
    .help =
        "Long short-term memory over sequences, in one or both directions. Integer weights (with scales) meet activations that "
        "are quantized on the fly.",
    .inputs = "x w r b? lengths? initial_h? initial_c? peepholes? w_scale? w_zero_point? r_scale? r_zero_point?",
    .outputs = "y y_h y_c",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Lstm>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops::onnx
