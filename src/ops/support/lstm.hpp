// What the float and the integer LSTM kernels share: operand positions, gates, sizes, attributes.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "ops/kernel.hpp"
#include "ops/support/activation.hpp"

namespace qgraph::lstm {

/// Operand positions, those of TFLite's UNIDIRECTIONAL_SEQUENCE_LSTM; the auxiliary input of its bidirectional op follows.
/// Groups of four are in the order input, forget, cell, output gate.
inline constexpr std::size_t input = 0, input_weights = 1, recurrent_weights = 5, peephole_weights = 9, gate_bias = 12,
                             projection_weights = 16, projection_bias = 17, output_state = 18, cell_state = 19, layer_norm = 20,
                             aux_input = 24, aux_weights = 25, operand_count = 29;
inline constexpr std::size_t input_gate = 0, forget_gate = 1, cell_gate = 2, output_gate = 3, gate_count = 4;

struct Attributes {
  Activation activation = Activation::tanh;
  float cell_clip = 0.0F;  ///< 0: none
  float projection_clip = 0.0F;
  bool time_major = true;          ///< [time, batch, ...], else [batch, time, ...]
  bool reverse = false;            ///< from the last step to the first
  bool asymmetric_inputs = false;  ///< of dynamic range kernels
  /// Quantized: scales of what enters the gates' activations with layer normalization (four), and of the hidden value
  /// before the projection.
  std::vector<float> intermediate_scales{};
  std::int64_t hidden_zero_point = 0;
};

struct Sizes {
  std::int64_t batch = 1, time = 1, input = 0, aux = 0, cells = 0, outputs = 0;
  bool batch_inside = false;  ///< rows of one step lie together: time major, or a single step

  /// Row of step t, batch b in input and output.
  std::int64_t row(std::int64_t b, std::int64_t t) const noexcept { return batch_inside ? t * batch + b : b * time + t; }
};

inline Sizes sizes_of(std::span<const View> in, const Attributes& a) noexcept {
  Sizes s;
  const Shape& x = in[input].shape();
  s.input = x[x.rank() - 1];
  if (x.rank() == 3) {
    s.time = x[a.time_major ? 0 : 1];
    s.batch = x[a.time_major ? 1 : 0];
    s.batch_inside = a.time_major;
  } else {
    s.batch = x[0];
    s.batch_inside = true;
  }
  s.cells = in[input_weights + output_gate].dim(0);
  s.outputs = in[recurrent_weights + output_gate].dim(1);
  if (in.size() > aux_input && in[aux_input]) s.aux = in[aux_input].dim(in[aux_input].rank() - 1);
  return s;
}

/// The operand, or one that is absent, also past the end of the list.
inline View operand(std::span<const View> in, std::size_t i) noexcept { return i < in.size() ? in[i] : View{}; }
/// Peephole weights of a gate: there is none for the cell gate.
inline View peephole(std::span<const View> in, std::size_t gate) noexcept {
  if (gate == cell_gate) return {};
  return operand(in, peephole_weights + (gate == output_gate ? 2 : gate));
}

/// One step function per family; `prepared` comes from the family's prepare.
void run_float(const KernelArgs& args) noexcept;
void run_hybrid(const KernelArgs& args) noexcept;
Result<std::shared_ptr<const void>> prepare_float(PrepareContext& c);
Result<std::shared_ptr<const void>> prepare_hybrid(PrepareContext& c);
void run_int8(const KernelArgs& args) noexcept;
Result<std::shared_ptr<const void>> prepare_int8(PrepareContext& c);
void run_int16(const KernelArgs& args) noexcept;
Result<std::shared_ptr<const void>> prepare_int16(PrepareContext& c);

}  // namespace qgraph::lstm
