// QG4204: ONNX: elements of a constant in the list of another type, or stored twice. Found by the reader.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule elements_misplaced{
    .code = "QG4204",
    .title = "elements of a constant are stored twice, or in the list of another type",
    .phase = Phase::bytes,
    .explanation =
        R"(An ONNX tensor has its elements in one field: `raw_data`, or the list of its type (`int32_data` for int8).
Tools that replace the elements of an initializer leave the old field beside the new one, or write integers into
`float_data`. Checkers refuse the file.

Of the two, `raw_data` is read, as other runtimes do; whole floats that fit are read as the integers. The mend stores
what is read as `raw_data` alone.)",
};

}  // namespace qgraph::diagnose::rules
