// QG2102: an op does not take these dtypes. Found while nodes are lowered; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule node_dtype{
    .code = "QG2102",
    .title = "an op does not take these dtypes",
    .phase = Phase::agreement,
    .explanation =
        R"(The op is known, but not with the dtypes that its operands have, or the file declares an output of another dtype than the op makes.

Quantizers leave this behind when they change the dtype of one operand only. Usually a Quantize or Dequantize is missing
between the node and its neighbour.
)",
};

}  // namespace qgraph::diagnose::rules
