// QG1404: a JSON value is not of the kind that its place wants. Found by the readers and writers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule json_value_unfit{
    .code = "QG1404",
    .title = "a JSON value is not of the kind that its place wants",
    .phase = Phase::bytes,
    .explanation = R"(The path and the line of the value stand in the message. `docs/qgraph_json.md` says what every key takes.)",
};

}  // namespace qgraph::diagnose::rules
