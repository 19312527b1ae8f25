// QG2101: the shapes of a node's operands do not fit. Found while nodes are lowered; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule node_shape{
    .code = "QG2101",
    .title = "the shapes of a node's operands do not fit",
    .phase = Phase::agreement,
    .explanation =
        R"(The op's own constraint on shapes is not met: an inner dimension that differs, a rank that the op does not take, a window
larger than its input. `why` names the constraint; it stands in the op's file and in `qgraph ops`.

It comes about when a converter edits one tensor of a pair, or when a graph is cut and joined. A shape that follows from the other
operands can be mended; otherwise the file has to be made again.
)",
};

}  // namespace qgraph::diagnose::rules
