// QG4101: a graph that is built by hand breaks a rule of its ops. Found while nodes are lowered; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule graph_built_wrongly{
    .code = "QG4101",
    .title = "a graph that is built by hand breaks a rule of its ops",
    .phase = Phase::agreement,
    .explanation =
        R"(`GraphBuilder` was given operands, attributes or types that the op does not take, a constant whose bytes are not what its type needs, or
no outputs. While a file is loaded these problems are placed at its nodes and have codes of their own (QG2101 to QG2105).
)",
};

}  // namespace qgraph::diagnose::rules
