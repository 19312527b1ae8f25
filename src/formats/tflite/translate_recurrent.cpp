// LSTMs of TensorFlow Lite: one canonical op for the sequence, the single step and each direction of the bidirectional op.
#include <algorithm>
#include <array>

#include "formats/tflite/translate.hpp"
#include "ops/support/lstm.hpp"

namespace qgraph::formats::tflite {
namespace {

std::string lower_case(std::string word) {
  for (char& c : word)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return word;
}

Attributes lstm_attributes(const SourceNode& n) {
  Attributes a{{"activation", lower_case(n.text("fused_activation_function", "TANH"))},
               {"cell_clip", n.number("cell_clip")},
               {"projection_clip", n.number("proj_clip")},
               {"time_major", n.integer("time_major", 1)},
               {"asymmetric_inputs", n.integer("asymmetric_quantize_inputs")}};
  std::vector<double> scales;
  for (std::size_t i = 0; i < 5; ++i) {
    const TensorType t = n.intermediate_type(i);
    if (t.quantized() || i < 4) scales.push_back(static_cast<double>(t.scale()));
    if (i == 4 && t.quantized()) a.set("hidden_zero_point", t.zero_point());
  }
  if (scales.size() == 5) a.set("intermediate_scales", std::move(scales));
  return a;
}

std::vector<Value> operands(const SourceNode& n, std::size_t count) {
  std::vector<Value> in;
  for (std::size_t i = 0; i < count; ++i) in.push_back(n.input(i));
  return in;
}

/// Where the operands of one direction stand among those of the bidirectional op, in the order of lstm::.
struct Direction {
  std::size_t weights, output_state, cell_state, aux_weights;
};
constexpr Direction forward{1, 35, 36, 40}, backward{18, 37, 38, 44};

std::vector<Value> direction_operands(const SourceNode& n, const Direction& d, Value input, Value aux) {
  std::vector<Value> in(lstm::operand_count);
  in[lstm::input] = input;
  for (std::size_t i = 0; i < 17; ++i) in[1 + i] = n.input(d.weights + i);
  in[lstm::output_state] = n.input(d.output_state);
  in[lstm::cell_state] = n.input(d.cell_state);
  if (aux) {
    in[lstm::aux_input] = aux;
    for (std::size_t g = 0; g < lstm::gate_count; ++g) in[lstm::aux_weights + g] = n.input(d.aux_weights + g);
  }
  return in;
}

}  // namespace

Result<Outputs> lower_sequence_lstm(const SourceNode& n, GraphBuilder& g) {
  return g.add("tflite.lstm", operands(n, 24), lstm_attributes(n), {n.output_type(0)});
}

Result<Outputs> lower_lstm(const SourceNode& n, GraphBuilder& g) {
  if (n.text("kernel_type", "FULL") != "FULL") {
    Attributes a{{"activation", lower_case(n.text("fused_activation_function", "TANH"))},
                 {"cell_clip", n.number("cell_clip")},
                 {"projection_clip", n.number("proj_clip")}};
    std::vector<TensorType> declared;
    for (std::size_t i = 0; i < n.output_count(); ++i) declared.push_back(n.output_type(i));
    return g.add("tflite.basic_lstm", operands(n, 5), std::move(a), std::move(declared));
  }
  return lower_sequence_lstm(n, g);
}

Result<Outputs> lower_bidirectional_lstm(const SourceNode& n, GraphBuilder& g) {
  const Value input = n.input(0), aux = n.input(39);
  // An auxiliary input without weights of its own is what the backward direction reads.
  const bool beside = aux && !n.input(forward.aux_weights + lstm::output_gate);
  Attributes a = lstm_attributes(n);
  const Value there = g.add("tflite.lstm", direction_operands(n, forward, input, beside ? Value{} : aux), a, {n.output_type(0)});
  a.set("reverse", std::int64_t{1});
  const Value back = g.add("tflite.lstm", direction_operands(n, backward, beside ? aux : input, beside ? Value{} : aux), a,
                           {n.integer("merge_outputs") ? n.output_type(0) : n.output_type(1)});
  if (n.integer("merge_outputs") == 0) return Outputs{there, back};
  return g.add("concatenation", {there, back}, {{"axis", std::int64_t{-1}}}, {n.output_type(0)});
}

}  // namespace qgraph::formats::tflite
