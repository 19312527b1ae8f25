// QG1012: the file identifier is not the one of its format. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule file_identifier_wrong{
    .code = "QG1012",
    .title = "the file identifier is not the one of its format",
    .phase = Phase::bytes,
    .explanation =
        R"(A TensorFlow Lite file carries `TFL3` in its bytes 4 to 7. Here something else stands there, while all that follows is
a sound file of schema version 3. Other runtimes refuse it at once.

`qgraph fix` writes the right identifier; nothing else changes.)",
};

}  // namespace qgraph::diagnose::rules
