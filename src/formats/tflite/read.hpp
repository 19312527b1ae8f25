// The reader of TensorFlow Lite models.
#pragma once

#include "formats/format.hpp"

namespace qgraph::formats::tflite {
std::unique_ptr<source::Model> read(ReadContext& context);
}
