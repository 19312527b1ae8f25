// QG1501: a file cannot be written. Found by the readers and writers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule file_not_written{
    .code = "QG1501",
    .title = "a file cannot be written",
    .phase = Phase::bytes,
    .explanation =
        R"(The operating system says why. A file that stood there before is as it was: the new one is written beside it and
renamed.)",
};

}  // namespace qgraph::diagnose::rules
