// QG1304: a stored graph uses an op, attribute or dtype that this version does not know. Found by the readers and writers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule stored_graph_unknown_name{
    .code = "QG1304",
    .title = "a stored graph uses an op, attribute or dtype that this version does not know",
    .phase = Phase::bytes,
    .explanation =
        R"(The names in `.qg` and in qgraph JSON keep their meaning for ever; what is new has a new name. A name that is not
known comes from a newer qgraph, or is misspelt.)",
};

}  // namespace qgraph::diagnose::rules
