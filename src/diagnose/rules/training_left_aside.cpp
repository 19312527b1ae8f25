// QG1018: the training part of a model is left aside. Found by ONNX's reader.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule training_left_aside{
    .code = "QG1018",
    .title = "the training part of the model is left aside",
    .phase = Phase::bytes,
    .explanation =
        R"(The file also says how the model is trained (ONNX's training_info): initializations, losses and updates of weights.
Inference has no use for it, so it is not read. `qgraph fix` leaves its bytes as they are.

Nothing needs to be done.)",
};

}  // namespace qgraph::diagnose::rules
