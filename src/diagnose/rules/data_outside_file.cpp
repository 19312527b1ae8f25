// QG1014: data lie outside of the file. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule data_outside_file{
    .code = "QG1014",
    .title = "data lie outside of the file",
    .phase = Phase::bytes,
    .explanation =
        R"(Models over 2 GB keep their weights and custom options behind the flatbuffer, at an offset from the beginning of the
file. An offset and size given here do not lie within the file: it was cut off, or the part behind the flatbuffer was
lost when a tool rewrote the model.)",
};

}  // namespace qgraph::diagnose::rules
