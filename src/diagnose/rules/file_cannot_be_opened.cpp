// QG1001: the file cannot be opened. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule file_cannot_be_opened{
    .code = "QG1001",
    .title = "the file cannot be opened",
    .phase = Phase::bytes,
    .explanation = R"(The path names no file, a folder, or a file that this user may not read. Nothing was looked at.

Check the path and its permissions.)",
};

}  // namespace qgraph::diagnose::rules
