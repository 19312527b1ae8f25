// QG1403: a key stands twice in one JSON object. Found by the readers and writers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule json_key_twice{
    .code = "QG1403",
    .title = "a key stands twice in one JSON object",
    .phase = Phase::bytes,
    .explanation = R"(Which of the two counts is open in JSON, and tools differ. Remove one.)",
};

}  // namespace qgraph::diagnose::rules
