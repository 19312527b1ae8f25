// QG1405: a JSON list has not as many values as its shape takes. Found by the readers and writers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule json_list_size{
    .code = "QG1405",
    .title = "a JSON list has not as many values as its shape takes",
    .phase = Phase::bytes,
    .explanation =
        R"(Either the list is ragged (inner lists differ in length), or `shape` and `data` disagree. The message names both
counts.)",
};

}  // namespace qgraph::diagnose::rules
