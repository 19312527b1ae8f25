// QG2002: handlers exist, but not for this dtype. Found while nodes are lowered; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule handler_dtype{
    .code = "QG2002",
    .title = "handlers exist, but not for this dtype",
    .phase = Phase::ops,
    .explanation =
        R"(The registry has handlers for the op with other dtypes. The dtype is that of the node's weights, else of its first input; `qint8` is
int8 with a quantization.

Register a handler for this dtype, or one with `dtype = DType::unknown`, which takes any.
)",
};

}  // namespace qgraph::diagnose::rules
