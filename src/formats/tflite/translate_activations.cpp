// Activations, pooling, reductions, quantize: what is not one to one.
#include "formats/tflite/translate.hpp"

namespace qgraph::formats::tflite {

/// Sparse constants are dense once they are loaded.
Result<Outputs> lower_densify(const SourceNode& node, GraphBuilder&) { return Outputs(node.input(0)); }

}  // namespace qgraph::formats::tflite
