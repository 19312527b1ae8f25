// QG4007: a signature names a tensor that does not exist. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule signature_dangling{
    .code = "QG4007",
    .title = "a signature names a tensor that does not exist",
    .phase = Phase::references,
    .explanation =
        R"(A signature maps names to tensors of a graph; the index here is beyond that graph's tensors. The graph itself can be
run without the signature.)",
};

}  // namespace qgraph::diagnose::rules
