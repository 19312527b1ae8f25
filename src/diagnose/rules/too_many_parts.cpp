// QG9002: the model has more parts than the limit. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule too_many_parts{
    .code = "QG9002",
    .title = "the model has more parts than the limit",
    .phase = Phase::bytes,
    .explanation =
        R"(Numbers of graphs, nodes, tensors and tables, the depth of nesting, and the bytes of decoded data are bounded by
`LoadOptions::budgets`, so that a small hostile file cannot take much time or memory. Raise the limit where the file
is trusted.)",
};

}  // namespace qgraph::diagnose::rules
