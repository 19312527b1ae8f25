// QG1401: the text is no JSON. Found by the readers and writers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule json_syntax{
    .code = "QG1401",
    .title = "the text is no JSON",
    .phase = Phase::bytes,
    .explanation =
        R"(The line and what was expected there stand in the message. Comments and trailing commas are no part of JSON.)",
};

}  // namespace qgraph::diagnose::rules
