// QG1002: the file is empty. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule file_is_empty{
    .code = "QG1002",
    .title = "the file is empty",
    .phase = Phase::bytes,
    .explanation =
        R"(The file has no bytes. It comes about when a download or an export was cut off before the first write, or when the
disk was full.

Fetch or export the model again.)",
};

}  // namespace qgraph::diagnose::rules
