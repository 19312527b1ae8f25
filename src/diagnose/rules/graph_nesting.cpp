// QG9302: graphs call each other too deeply. Found when a Session is planned or run; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule graph_nesting{
    .code = "QG9302",
    .title = "graphs call each other too deeply",
    .phase = Phase::agreement,
    .explanation =
        R"(Graphs that are called by nodes (loops, branches, composites) lie deeper than `Budgets::nesting`, or a graph calls itself, directly or
through others. TensorFlow Lite refuses recursion too.

The index of a node's body points to the wrong graph, as a rule: compare it with the names of the graphs.
)",
};

}  // namespace qgraph::diagnose::rules
