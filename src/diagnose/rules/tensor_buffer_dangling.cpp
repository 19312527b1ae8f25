// QG4003: a tensor names data that do not exist. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule tensor_buffer_dangling{
    .code = "QG4003",
    .title = "a tensor names data that do not exist",
    .phase = Phase::references,
    .explanation =
        R"(The tensor's buffer index is beyond the file's buffers: its values are lost. A tool that removed buffers, or merged
two models, did not renumber it.)",
};

}  // namespace qgraph::diagnose::rules
