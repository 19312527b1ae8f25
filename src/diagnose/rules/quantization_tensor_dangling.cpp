// QG4008: a quantization names a tensor that does not exist. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule quantization_tensor_dangling{
    .code = "QG4008",
    .title = "a quantization names a tensor that does not exist",
    .phase = Phase::references,
    .explanation =
        R"(Blockwise quantization keeps its scales and zero points in tensors of the graph. The index here is beyond them: the
scales are lost.)",
};

}  // namespace qgraph::diagnose::rules
