// QG4002: a node writes a tensor that does not exist. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule node_output_dangling{
    .code = "QG4002",
    .title = "a node writes a tensor that does not exist",
    .phase = Phase::references,
    .explanation =
        R"(The node's output or intermediate list names a tensor by an index that the graph does not have. What reads its result
finds nothing.)",
};

}  // namespace qgraph::diagnose::rules
