// QG2301: an op has no kernel for these dtypes. Found when a Session is planned or run; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule kernel_missing{
    .code = "QG2301",
    .title = "an op has no kernel for these dtypes",
    .phase = Phase::agreement,
    .explanation =
        R"(The op is known and the graph is sound, yet no kernel computes it for the dtypes of its operands. `found` names them, `expected` lists
those that there are.

It comes about with models made for an accelerator, and with float graphs of which a converter quantized one operand only. A
conversion before and behind the node (DEQUANTIZE, QUANTIZE) makes it run; a host may bring a kernel (`HostOp`).
)",
};

}  // namespace qgraph::diagnose::rules
