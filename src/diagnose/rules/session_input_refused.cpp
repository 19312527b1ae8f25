// QG4301: what was passed to a Session does not fit. Found when a Session is planned or run; the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule session_input_refused{
    .code = "QG4301",
    .title = "what was passed to a Session does not fit",
    .phase = Phase::agreement,
    .explanation =
        R"(The number, dtype, shape or size of the inputs passed to `run` is not what the graph takes, or there is no such signature. The place names
the input. Dimensions may differ from the declared ones where all ops accept it; the number of dimensions may not.

The model is not at fault: pass what `qgraph inspect` lists. Quantized inputs are passed as stored integers.
)",
};

}  // namespace qgraph::diagnose::rules
