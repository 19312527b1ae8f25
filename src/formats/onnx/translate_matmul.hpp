// What nodes of several domains make of a matrix product.
#pragma once

#include <optional>
#include <vector>

#include "source/op_row.hpp"

namespace qgraph::formats::onnx {

struct Product {
  bool transpose_x = false, transpose_y = false;
  std::vector<Value> rest{};  ///< zero points of matmul_integer
  bool integer = false;
  bool constant_y = false;              ///< as stored, which ONNX Runtime packs
  std::optional<ElementType> output{};  ///< where it is quantized
};
/// numpy's matmul: vectors are rows on the left and columns on the right.
Value multiply(GraphBuilder& g, Value x, Value y, const Product& p);
/// The same of floats of any width and of integers.
Value float_product(GraphBuilder& g, Value x, Value y, bool transpose_x, bool transpose_y);
/// alpha * x * y + beta * addend by the node's attributes.
Result<Outputs> gemm(const SourceNode& n, GraphBuilder& g, Value x, Value y, Value addend);

}  // namespace qgraph::formats::onnx
