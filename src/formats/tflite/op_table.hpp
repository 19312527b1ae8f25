// The ops of TensorFlow Lite that are understood, sorted by name; custom ops have the domain "tflite.custom".
#pragma once

#include "source/op_row.hpp"

namespace qgraph::formats::tflite {
std::span<const OpRow> op_table() noexcept;
}
