// QG1016: sparse data do not fit their tensor. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule sparse_data_malformed{
    .code = "QG1016",
    .title = "sparse data do not fit their tensor",
    .phase = Phase::bytes,
    .explanation =
        R"(A pruned tensor stores only its blocks that are not zero, with lists that say where they stand. The lists contradict
each other, the tensor's shape, or the number of stored values.)",
};

}  // namespace qgraph::diagnose::rules
