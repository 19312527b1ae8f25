// QG4110: a declared shape is not what the op makes. Found while nodes are lowered; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule declared_shape{
    .code = "QG4110",
    .title = "a declared shape is not what the op makes",
    .phase = Phase::agreement,
    .explanation =
        R"(Runtimes compute the shapes of what ops make and pass over the declared ones, so the model runs; tools that trust the declaration
(importers, delegates, memory planners) do not.

It is left behind by tools that edit one node and not what follows. Declaring the inferred shape changes nothing else.
)",
};

}  // namespace qgraph::diagnose::rules
