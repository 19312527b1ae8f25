// QG1006: the file is of a kind that is not read. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule file_is_of_another_kind{
    .code = "QG1006",
    .title = "the file is of a kind that is not read",
    .phase = Phase::bytes,
    .explanation =
        R"(The bytes show what the file is (HDF5, a Python pickle, GGUF, safetensors, an image, text ...), and it is none of the
formats that are read. `qgraph ops` lists those.

Export the model to TensorFlow Lite or ONNX with the framework that it comes from.)",
};

}  // namespace qgraph::diagnose::rules
