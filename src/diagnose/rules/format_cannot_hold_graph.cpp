// QG1502: a graph cannot be written in this format. Found by the readers and writers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule format_cannot_hold_graph{
    .code = "QG1502",
    .title = "a graph cannot be written in this format",
    .phase = Phase::bytes,
    .explanation =
        R"(The ending names no format that can be written, or the graph has an op whose kernel the host brought: that is code,
which no file holds. Lower it to canonical ops in the handler.)",
};

}  // namespace qgraph::diagnose::rules
