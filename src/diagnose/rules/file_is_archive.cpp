// QG1005: the file is an archive or compressed. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule file_is_archive{
    .code = "QG1005",
    .title = "the file is an archive or compressed",
    .phase = Phase::bytes,
    .explanation =
        R"(The file begins as zip, gzip, xz, zstd, bzip2, 7z or tar data does. Models are often shipped so: Keras `.keras`,
PyTorch `.pt` and MediaPipe `.task` are zip files, many downloads are `.tar.gz`.

Unpack it and load the model inside. (A `.tflite` with metadata carries a zip *behind* the model; that is read as it
is.))",
};

}  // namespace qgraph::diagnose::rules
