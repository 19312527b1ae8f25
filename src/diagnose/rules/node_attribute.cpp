// QG2103: an attribute has a value that its op does not take. Found while nodes are lowered; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule node_attribute{
    .code = "QG2103",
    .title = "an attribute has a value that its op does not take",
    .phase = Phase::agreement,
    .explanation =
        R"(An attribute is missing where the op has no default for it, has the wrong kind, a word that the op does not know, or a value outside its
range.
)",
};

}  // namespace qgraph::diagnose::rules
