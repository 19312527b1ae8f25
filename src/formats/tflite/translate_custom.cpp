// TensorFlow Lite's custom ops and detection ops, where operands or options do not correspond one to one.
#include "formats/tflite/translate.hpp"

namespace qgraph::formats::tflite {

/// V5 has the scores between indices and count.
Result<Outputs> lower_soft_non_max_suppression(const SourceNode& n, GraphBuilder& g) {
  std::vector<Value> inputs;
  for (std::size_t i = 0; i < 6; ++i) inputs.push_back(n.input(i));
  const Outputs made = g.add("non_max_suppression", std::move(inputs), {}, {n.output_type(0), n.output_type(2),
      n.output_type(1)});
  if (made.size() < 3) return Outputs{};
  return Outputs{made[0], made[2], made[1]};
}

}  // namespace qgraph::formats::tflite
