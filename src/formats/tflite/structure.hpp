// Whether the bytes are a sound flatbuffer of the schema; where they are not, what is wrong and where.
#pragma once

#include <span>

#include "diagnose/finding.hpp"
#include "qgraph/load.hpp"

namespace qgraph::formats::tflite {

/// FlatBuffers' verifier, with bounds from the budgets. The file identifier is not looked at. Bytes must be aligned to 8.
bool verify(std::span<const std::byte> bytes, const Budgets& budgets);
/// What the verifier objects to, as one finding: a truncated file, a broken offset, or more tables than the budgets allow.
diagnose::Finding explain_structure(std::span<const std::byte> bytes, const Budgets& budgets);

}  // namespace qgraph::formats::tflite
