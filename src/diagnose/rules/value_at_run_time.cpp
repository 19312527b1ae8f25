// QG4303: a kernel met a value that it cannot use. Found when a Session is planned or run; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule value_at_run_time{
    .code = "QG4303",
    .title = "a kernel met a value that it cannot use",
    .phase = Phase::agreement,
    .explanation =
        R"(An index outside its tensor, a handle without a variable, a variable that is read as another dtype than was assigned, or a host's kernel
that reported a failure. The run ends; its outputs are not valid, state may have been changed.

Look at the values that reach the node: `qgraph run` with other inputs shows whether inputs or constants are at fault.
)",
};

}  // namespace qgraph::diagnose::rules
