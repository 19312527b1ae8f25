// QG4302: shapes do not fit when the graph is run. Found when a Session is planned or run; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule shape_at_run_time{
    .code = "QG4302",
    .title = "shapes do not fit when the graph is run",
    .phase = Phase::agreement,
    .explanation =
        R"(For these input shapes a node's operands do not fit, a shape stays unknown, or a node makes another shape at run time than was planned.

It comes about when a graph that was exported for one shape is run with another (a reshape with a fixed target), and when graphs that
are called (bodies of loops and branches) contradict their callers. Run it with the declared shapes to tell the two apart.
)",
};

}  // namespace qgraph::diagnose::rules
