// QG4001: a node reads a tensor that does not exist. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule node_input_dangling{
    .code = "QG4001",
    .title = "a node reads a tensor that does not exist",
    .phase = Phase::references,
    .explanation =
        R"(The node's input list names a tensor that the graph does not have: in TensorFlow Lite by an index beyond its tensors
(-1, which means left out, is another thing), in ONNX by a name that no node, initializer or input has. Tools that remove
tensors and do not renumber or rename what is left do this.

Where one initializer has the same name but for punctuation ('/', '.' or ':' became '_'), the mend reads that. Otherwise it cannot
be told from the index or name which tensor was meant.)",
};

}  // namespace qgraph::diagnose::rules
