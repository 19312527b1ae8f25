// QG2104: a node's quantization parameters cannot be used. Found while nodes are lowered; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule node_quantization{
    .code = "QG2104",
    .title = "a node's quantization parameters cannot be used",
    .phase = Phase::agreement,
    .explanation =
        R"(The op needs parameters that the file does not give, or that do not fit: a quantized result without a scale, scales along an axis of
another length, per-channel parameters where the op takes one.
)",
};

}  // namespace qgraph::diagnose::rules
