// What the rest of a file tells about the parameters of a quantization: products of scales, ops that keep what they move, outputs
// whose parameters are prescribed.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/op_def.hpp"
#include "qgraph/report.hpp"
#include "source/edits.hpp"
#include "source/uses.hpp"

namespace qgraph::diagnose {

/// Something says how the integers of this tensor stand for reals (it may still be wrong, or be known only at run time).
bool has_parameters(const source::Model& model, const source::Uses& uses, source::TensorRef tensor);
/// The canonical op of a row, where its name tells: `to`, or its own name in lower case.
const OpDef* canonical_op(const OpRow& row);
/// Where SetQuantization must write: the tensor's own site without parameters, or past the end.
std::size_t site_to_set(const source::Model& model, source::TensorRef tensor);
/// An annotation of ONNX: it informs, and no runtime computes with it. What is wrong with it alone harms nobody.
inline bool informs_only(const source::Model& model, const source::QuantizationSite& site) {
  return model.format == "onnx" && site.where == source::Where::tensor;
}
/// The edits that give a tensor these parameters: at every site that it has, or at a new one beside it.
std::vector<source::Edit> set_parameters(const source::Model& model, source::TensorRef stored, const Quantization& quantization);
/// As the site has them; numbers that are none as 0.
Quantization quantization_of(const source::QuantizationSite& site);
/// As declared, else that of its zero point.
DType stored_dtype(const source::Model& model, const source::Uses& uses, source::TensorRef tensor);
/// Finite and above zero, and no denormal, which some processors take for zero.
bool sound_scale(double scale);
bool sound_scales(std::span<const double> scales);

/// The integers behind an operand, through a DEQUANTIZE, and what says how they stand for reals.
struct Part {
  source::TensorRef stored{};
  const source::QuantizationSite* site = nullptr;
  std::span<const double> scales{};  ///< of the site; empty where one is not sound, or known only at run time
};
/// A node that adds a bias to products of input and weights: bias scale = input scale * weight scale.
struct ProductRule {
  source::NodeRef node{};
  Part input{}, weights{}, bias{};
};
/// `scales` = false leaves the lists of scales empty: to see whether a node is one, and its dtypes.
std::optional<ProductRule> product_rule(const source::Model& model, const source::Uses& uses, source::NodeRef node,
                                        bool scales = true);
/// The bias scale of every channel is the product, give or take this part of it.
bool is_product(const ProductRule& rule, double tolerance);
/// The weights of a node that multiplies by them, with a bias or without one, whatever its input is. None: no such op, or no
/// weights.
Part weights_of(const source::Model& model, const source::Uses& uses, source::NodeRef node);
/// The nodes that compute with the integers of a tensor: those behind a DEQUANTIZE where that reads it.
std::vector<source::NodeRef> readers_of(const source::Model& model, const source::Uses& uses, source::TensorRef stored);

/// Parameters that TensorFlow Lite's definition of the op makes obligatory for its output (softmax: 1/256).
struct Prescribed {
  double scale = 0;
  std::int64_t zero_point = 0;
};
std::optional<Prescribed> prescribed_output(const source::Model& model, source::NodeRef node, DType stored);
/// Is a fused activation, or the op itself, one that has no values below zero? Then the lowest integer stands for zero.
bool cuts_at_zero(const source::Model& model, source::NodeRef node);
/// Output and first input have the same elements, or a choice or mean of them: their parameters must agree.
bool keeps_parameters(const source::Model& model, source::NodeRef node);

struct Guess {
  Quantization quantization{};
  Confidence confidence = Confidence::likely;
  std::string id{};       ///< of the fix
  std::string because{};  ///< "bias scale / input scale of 'conv0'"
  std::string describe(std::string_view tensor) const;
};
/// Parameters that follow from the tensor's neighbours; nothing where none do. Its own scales are not looked at.
std::optional<Guess> guess_parameters(const source::Model& model, const source::Uses& uses, source::TensorRef tensor);

}  // namespace qgraph::diagnose
