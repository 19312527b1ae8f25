// QG9301: activations exceed their budget of memory. Found when a Session is planned or run; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule activation_memory{
    .code = "QG9301",
    .title = "activations exceed their budget of memory",
    .phase = Phase::agreement,
    .explanation =
        R"(The tensors that a Session holds at the same time need more bytes than `Budgets::arena_bytes`, one tensor more than
`Budgets::tensor_bytes`, or more than the machine has.

Sizes follow from the input shapes: a wrong batch size or image size does it, and so does a corrupt shape. Raise the budget in
`SessionOptions` where the need is real.
)",
};

}  // namespace qgraph::diagnose::rules
