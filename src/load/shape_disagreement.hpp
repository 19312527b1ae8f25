// Declared shapes that are not what the ops make: found while lowering.
#pragma once

#include "load/lower.hpp"

namespace qgraph {

/// Adds a finding (QG4110) for the first tensor, in the order in which nodes run, of every chain of contradictions: what follows
/// from a wrong shape is not reported again.
void report_shapes(const source::Model& model, const std::vector<ShapeDisagreement>& shapes, diagnose::Findings& findings);

}  // namespace qgraph
