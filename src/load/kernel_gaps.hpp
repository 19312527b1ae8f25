// Nodes of a lowered model that no kernel runs.
#pragma once

#include "diagnose/finding.hpp"
#include "qgraph/graph.hpp"

namespace qgraph {

/// Adds a finding (QG2301) for each node whose op has no kernel for the dtypes of its operands, as far as they are known.
void report_kernel_gaps(const Model& model, const source::Model& stored, diagnose::Findings& findings);

}  // namespace qgraph
