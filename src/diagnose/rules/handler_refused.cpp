// QG2100: a handler turned a node down. Found while nodes are lowered; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule handler_refused{
    .code = "QG2100",
    .title = "a handler turned a node down",
    .phase = Phase::ops,
    .explanation =
        R"(A handler read the node and would not build it: the headline is the handler's own. The options, operands or types are not what
the op's definition allows.

Look at the node named first. Where the handler is a host's own, its author knows more.
)",
};

}  // namespace qgraph::diagnose::rules
