// What the rest of a file tells about parameters of a quantization that are missing.
#pragma once

#include <optional>
#include <string>

#include "ops/op_def.hpp"
#include "qgraph/report.hpp"
#include "source/uses.hpp"

namespace qgraph::diagnose {

/// Something says how the integers of this tensor stand for reals (it may still be wrong, or be known only at run time).
bool has_parameters(const source::Model& model, const source::Uses& uses, source::TensorRef tensor);
/// The canonical op of a row, where its name tells: `to`, or its own name in lower case.
const OpDef* canonical_op(const OpRow& row);
/// Where SetQuantization must write: the tensor's own site without parameters, or past the end.
std::size_t site_to_set(const source::Model& model, source::TensorRef tensor);

struct Guess {
  Quantization quantization{};
  Confidence confidence = Confidence::likely;
  std::string id{};       ///< of the fix
  std::string because{};  ///< "bias scale / input scale of 'conv0'"
  std::string describe(std::string_view tensor) const;
};
/// Parameters that follow from the tensor's neighbours; nothing where none do.
std::optional<Guess> guess_parameters(const source::Model& model, const source::Uses& uses, source::TensorRef tensor);

}  // namespace qgraph::diagnose
