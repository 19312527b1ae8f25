// QG3203: a value cannot be held by its dtype. Found by the readers and writers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule value_not_representable{
    .code = "QG3203",
    .title = "a value cannot be held by its dtype",
    .phase = Phase::bytes,
    .explanation =
        R"(A number in a list is fractional or out of the range of the dtype that the list has: the node's, int8 where the key
begins with q, or the metadata's. Give the list its own dtype as `{"dtype": ..., "data": [...]}`, or correct the
number.)",
};

}  // namespace qgraph::diagnose::rules
