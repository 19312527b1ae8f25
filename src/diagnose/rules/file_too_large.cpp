// QG9001: the file is larger than the limit. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule file_too_large{
    .code = "QG9001",
    .title = "the file is larger than the limit",
    .phase = Phase::bytes,
    .explanation = R"(`LoadOptions::budgets.file_bytes` bounds the files that are loaded. Raise it where the file is trusted.)",
};

}  // namespace qgraph::diagnose::rules
