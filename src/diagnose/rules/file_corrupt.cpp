// QG1011: the structure of the file is broken. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule file_corrupt{
    .code = "QG1011",
    .title = "the structure of the file is broken",
    .phase = Phase::bytes,
    .explanation =
        R"(An offset, a size or a table inside of the file cannot be right: it points to itself, out of the file, or to bytes
that overlap it. The place says which. A changed byte, a transfer in text mode, or a tool that edits the bytes without
knowing their structure does this.

Fetch or export the file again. What the offset should have been cannot be told from the file.)",
};

}  // namespace qgraph::diagnose::rules
