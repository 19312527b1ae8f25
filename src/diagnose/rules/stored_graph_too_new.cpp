// QG1302: a stored graph is of a newer version. Found by the readers and writers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule stored_graph_too_new{
    .code = "QG1302",
    .title = "a stored graph is of a newer version",
    .phase = Phase::bytes,
    .explanation =
        R"(A newer qgraph has written the file, and raised the version because something in it must not be overlooked. Load it
with that version, or write it again from the original model.)",
};

}  // namespace qgraph::diagnose::rules
