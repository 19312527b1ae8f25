// QG4004: a node names an op code that does not exist. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule opcode_dangling{
    .code = "QG4004",
    .title = "a node names an op code that does not exist",
    .phase = Phase::references,
    .explanation =
        R"(The node says which op it is by an index into the list of op codes, and the index is beyond its end: what the node
does is unknown.)",
};

}  // namespace qgraph::diagnose::rules
