// How far a change of a node's result can move the model's outputs.
#pragma once

#include <optional>

#include "source/uses.hpp"

namespace qgraph::diagnose {

/// A bound in the outputs' own units, where only ops lie between that make no difference larger (that move, clamp, pool, round,
/// or have a slope of at most 1): `change` and one step for every rounding on the way. Nothing where others read a value on the
/// way, or an op multiplies it: then the weights behind decide.
std::optional<double> bound_at_outputs(const source::Model& model, const source::Uses& uses, source::NodeRef node, double change);

}  // namespace qgraph::diagnose
