// The ops of ONNX and its dialects that are understood, sorted by name. A row's versions are opsets of its domain; where an op's
// meaning changed, it has several rows.
#pragma once

#include "source/op_row.hpp"

namespace qgraph::formats::onnx {
std::span<const OpRow> op_table() noexcept;
}
