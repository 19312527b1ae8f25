// QG9303: a loop does not end within its budget. Found when a Session is planned or run; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule loop_budget{
    .code = "QG9303",
    .title = "a loop does not end within its budget",
    .phase = Phase::agreement,
    .explanation = R"(A loop ran `Budgets::loop_iterations` times without its condition becoming false.

Either the condition does not depend on what the body changes, or the inputs ask for that many steps. Raise the budget in
`SessionOptions` where the need is real.
)",
};

}  // namespace qgraph::diagnose::rules
