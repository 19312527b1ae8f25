// QG2003: a handler could not be registered. Found while nodes are lowered; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule registration{
    .code = "QG2003",
    .title = "a handler could not be registered",
    .phase = Phase::ops,
    .explanation =
        R"(`Registry::add` refuses a handler without a name or a lower function, and an exact duplicate of another (op, domain, dtype,
overlapping versions) unless `replace` is said.
)",
};

}  // namespace qgraph::diagnose::rules
