// QG4005: a node or signature names a graph that does not exist. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule subgraph_dangling{
    .code = "QG4005",
    .title = "a node or signature names a graph that does not exist",
    .phase = Phase::references,
    .explanation =
        R"(Control flow (IF, WHILE, CALL_ONCE, composites) names its bodies by index, signatures name their graph. The index here
is beyond the file's graphs.)",
};

}  // namespace qgraph::diagnose::rules
