// QG1010: the file ends before its contents do. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule file_truncated{
    .code = "QG1010",
    .title = "the file ends before its contents do",
    .phase = Phase::bytes,
    .explanation =
        R"(Things that the file refers to lie past its end: it was cut off, by an interrupted download or copy or a full disk.
The places name the first thing that is missing and how many bytes the file must have had at least.

Fetch the file again and compare its size or checksum. What is lost cannot be mended.)",
};

}  // namespace qgraph::diagnose::rules
