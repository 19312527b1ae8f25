// QG2105: an operand is not to be had. Found while nodes are lowered; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule node_operand{
    .code = "QG2105",
    .title = "an operand is not to be had",
    .phase = Phase::agreement,
    .explanation =
        R"(A node needs an operand that is left out, that nothing makes, or a handler did not make all of the node's outputs.
)",
};

}  // namespace qgraph::diagnose::rules
