// QG4001: a node reads a tensor that does not exist. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule node_input_dangling{
    .code = "QG4001",
    .title = "a node reads a tensor that does not exist",
    .phase = Phase::references,
    .explanation =
        R"(The node's input list names a tensor by an index that the graph does not have (-1, which means left out, is another
thing). Tools that remove tensors and do not renumber the nodes do this.

Which tensor was meant cannot be told from the index alone.)",
};

}  // namespace qgraph::diagnose::rules
