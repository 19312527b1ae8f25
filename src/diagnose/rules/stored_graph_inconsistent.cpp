// QG1303: a stored graph contradicts itself. Found by the readers and writers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule stored_graph_inconsistent{
    .code = "QG1303",
    .title = "a stored graph contradicts itself",
    .phase = Phase::bytes,
    .explanation =
        R"(A `.qg` or qgraph JSON file with `tensors` holds a canonical graph. An index in it leads nowhere, a tensor has two
origins or none, nodes stand in an order in which they cannot run, bodies hold themselves, or a stored type is not
what its op makes. qgraph does not write such files: it was edited or damaged.)",
};

}  // namespace qgraph::diagnose::rules
