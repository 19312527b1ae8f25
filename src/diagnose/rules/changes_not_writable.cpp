// QG1017: changes cannot be written into the file.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule changes_not_writable{
    .code = "QG1017",
    .title = "changes cannot be written into the file",
    .phase = Phase::bytes,
    .explanation =
        R"(A fix could be made in memory, and not in the file's bytes: the file uses parts of a newer schema where it would have
to grow, or the format has no way to say what the fix says. The message names which.

`qgraph convert` writes the model anew instead.)",
};

}  // namespace qgraph::diagnose::rules
