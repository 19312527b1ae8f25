// QG4006: a graph input or output names a tensor that does not exist. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule graph_interface_dangling{
    .code = "QG4006",
    .title = "a graph input or output names a tensor that does not exist",
    .phase = Phase::references,
    .explanation = R"(The graph's list of inputs or outputs has an index beyond its tensors.)",
};

}  // namespace qgraph::diagnose::rules
