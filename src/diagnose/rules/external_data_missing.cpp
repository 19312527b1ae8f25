// QG1015: data in another file are missing. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule external_data_missing{
    .code = "QG1015",
    .title = "data in another file are missing",
    .phase = Phase::bytes,
    .explanation =
        R"(The model keeps data in a file of their own, beside it, and that file is not there, is too short, or its name leads
out of the model's folder (which is refused).

Put the file beside the model under the name that the message shows, or export the model with its data inside.)",
};

}  // namespace qgraph::diagnose::rules
