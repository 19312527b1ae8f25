// QG4009: a tensor names external data that the file does not describe. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule external_buffer_dangling{
    .code = "QG4009",
    .title = "a tensor names external data that the file does not describe",
    .phase = Phase::references,
    .explanation =
        R"(The tensor's data lie in another file, which a list in the model describes. No entry of that list has the id that the
tensor names.)",
};

}  // namespace qgraph::diagnose::rules
