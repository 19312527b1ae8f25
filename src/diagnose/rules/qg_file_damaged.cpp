// QG1301: a .qg file is damaged. Found by the readers and writers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule qg_file_damaged{
    .code = "QG1301",
    .title = "a .qg file is damaged",
    .phase = Phase::bytes,
    .explanation =
        R"(The flatbuffer at the beginning of the file does not verify, or the constants behind it are cut off. Copy or make the
file again: nothing in it can be relied on. `docs/qg_format.md` describes the bytes.)",
};

}  // namespace qgraph::diagnose::rules
