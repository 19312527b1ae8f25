// QG1008: the format of the file is not recognised. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule file_not_recognised{
    .code = "QG1008",
    .title = "the format of the file is not recognised",
    .phase = Phase::bytes,
    .explanation =
        R"(No format that is read claims these bytes, and they are no other well-known kind of file. If the format is known,
`--format` (or `LoadOptions::format`) forces it: what is then wrong is said in its own words.)",
};

}  // namespace qgraph::diagnose::rules
