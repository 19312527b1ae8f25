// QG1007: the file holds only zeros. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule file_is_zeros{
    .code = "QG1007",
    .title = "the file holds only zeros",
    .phase = Phase::bytes,
    .explanation =
        R"(Every byte is zero. Disk images, interrupted downloads that reserve their space first, and broken synchronisation
leave such files.

Fetch or export the model again.)",
};

}  // namespace qgraph::diagnose::rules
