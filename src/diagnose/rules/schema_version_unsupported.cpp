// QG1013: the schema version is not one that exists. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule schema_version_unsupported{
    .code = "QG1013",
    .title = "the schema version is not one that exists",
    .phase = Phase::bytes,
    .explanation =
        R"(A TensorFlow Lite model says which version of the schema it was written for; since 2017 that is 3, and runtimes refuse
any other number. Versions below 3 kept weights inside of tensors.

Where the contents are of version 3 (it has buffers, and tensors use them), `qgraph fix` writes 3.)",
};

}  // namespace qgraph::diagnose::rules
