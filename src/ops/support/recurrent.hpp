// What ONNX's RNN, GRU and LSTM share: shapes, gate functions, and the walk over directions, steps and batch.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "ops/op_def.hpp"
#include "ops/support/scratch.hpp"

namespace qgraph {

struct Recurrent {
  std::string direction = "forward";
  std::vector<std::string> activations{};
  std::vector<double> activation_alpha{}, activation_beta{};
  float clip = 0;
  bool batch_first = false;
  bool weights_transposed = false;
};
template <class A>
constexpr std::array<AttrDef, 7> recurrent_attributes() {
  const auto row = []<class M>(std::string_view name, std::string_view doc, M) {
    constexpr M member{};
    return AttrDef{.name = name,
                   .doc = doc,
                   .set = [](void* a, const AttributeValue& v) { return detail::set_member(static_cast<A*>(a)->*(M::value), v); },
                   .get = [](const void* a) { return detail::get_member(static_cast<const A*>(a)->*(M::value)); },
                   .words = (static_cast<void>(member), std::span<const std::string_view>{})};
  };
  return {row("direction", "forward, reverse or bidirectional",
              std::integral_constant<std::string Recurrent::*, &Recurrent::direction>{}),
          row("activations", "names of the gates' functions, for each direction",
              std::integral_constant<std::vector<std::string> Recurrent::*, &Recurrent::activations>{}),
          row("activation_alpha", "their parameters, in the order of those that have one",
              std::integral_constant<std::vector<double> Recurrent::*, &Recurrent::activation_alpha>{}),
          row("activation_beta", "their second parameters",
              std::integral_constant<std::vector<double> Recurrent::*, &Recurrent::activation_beta>{}),
          row("clip", "bound on what the functions are given; 0: none",
              std::integral_constant<float Recurrent::*, &Recurrent::clip>{}),
          row("batch_first", "x is [batch, steps, depth] (ONNX's layout 1)",
              std::integral_constant<bool Recurrent::*, &Recurrent::batch_first>{}),
          row("weights_transposed", "weights are [directions, depth, gates * units], as ONNX Runtime stores quantized ones",
              std::integral_constant<bool Recurrent::*, &Recurrent::weights_transposed>{})};
}

/// A function of a gate.
struct GateFunction {
  enum class Kind : std::uint8_t {
    relu,
    tanh,
    sigmoid,
    affine,
    leaky_relu,
    thresholded_relu,
    scaled_tanh,
    hard_sigmoid,
    elu,
    softsign,
    softplus
  };
  Kind kind = Kind::tanh;
  float alpha = 0, beta = 0;
  float operator()(float x) const noexcept;
};

/// Operand numbers; a model may leave out all behind r.
enum : std::size_t {
  operand_x,
  operand_w,
  operand_r,
  operand_b,
  operand_lengths,
  operand_h,
  operand_c,
  operand_peepholes,
  operand_w_scale,
  operand_w_zero,
  operand_r_scale,
  operand_r_zero
};

/// <op>_c1: x of rank 3; c2: w and r fit it; c3: bias, lengths, states and peepholes fit. Outputs y, y_h and, of LSTM, y_c.
Result<Types> infer_recurrent(const InferContext& c, std::string_view op, const Recurrent& a, std::int64_t gates, bool cell);

struct RecurrentPlan {
  std::int64_t steps = 0, batch = 0, depth = 0, units = 0, gates = 1, directions = 1;
  bool batch_first = false, reverse = false, transposed = false, quantized = false;
  float clip = 0;
  std::vector<GateFunction> functions{};  ///< of all directions
  ScratchPiece state{}, cell{}, from_input{}, from_state{}, row{}, stored{}, stored_input{};
};
/// `defaults`: names of the functions of one direction.
Result<std::shared_ptr<const RecurrentPlan>> plan_recurrent(PrepareContext& c, const Recurrent& a, std::int64_t gates,
                                                            std::initializer_list<std::string_view> defaults);

/// One step of one sequence: sums of the gates from the input and from the state, biases not yet added.
struct GateSums {
  const float* input = nullptr;
  float* state_sums = nullptr;                               ///< a step may use it for other sums
  const float *input_bias = nullptr, *state_bias = nullptr;  ///< gates * units each; null: none
  float *state = nullptr, *cell = nullptr;                   ///< in and out, `units` each
  float* row = nullptr;                                      ///< scratch of `units`
  std::int64_t direction = 0;
};
/// The sum of a gate at unit u, bounded.
inline float gate_sum(const RecurrentPlan& p, const GateSums& s, std::int64_t gate, std::int64_t u, float more = 0) noexcept {
  const std::int64_t i = gate * p.units + u;
  const float sum = s.input[i] + s.state_sums[i] + (s.input_bias ? s.input_bias[i] + s.state_bias[i] : 0.0F) + more;
  return p.clip > 0 ? std::clamp(sum, -p.clip, p.clip) : sum;
}
using StepFn = void (*)(const KernelArgs&, const RecurrentPlan&, const GateSums&) noexcept;
void run_recurrent(const KernelArgs& args, const RecurrentPlan& plan, bool cell, StepFn step) noexcept;

/// Sums of gate `gate` from a state of this direction's own (GRU: the reset one).
void state_sums(const KernelArgs& args, const RecurrentPlan& plan, std::int64_t direction, std::int64_t gate, const float* state,
                float* sums) noexcept;

}  // namespace qgraph
