// NumPy's .npy files (format 1.0 to 3.0), which carry inputs and outputs of `run`.
#pragma once

#include <filesystem>

#include "qgraph/result.hpp"
#include "qgraph/tensor.hpp"

namespace qgraph::cli {

/// The array in row-major order and little-endian, whatever the file has; 'S' and 'U' arrays as DType::string (UTF-8).
Result<Tensor> read_npy(const std::filesystem::path& file);
/// From bytes; nothing in them is trusted.
Result<Tensor> parse_npy(std::span<const std::byte> bytes);
/// What .npy lacks becomes the next wider dtype that is exact: int4 int8, bfloat16 float32, float8 float16; strings fixed-width
/// bytes.
Result<std::vector<std::byte>> npy_bytes(const TensorType& type, std::span<const std::byte> data);

/// An array as input of a model: the same dtype, the wider one that npy_bytes() would write, or int64 for floats that hold it
/// exactly; the count of elements is not
/// checked.
Result<Tensor> as_input(Tensor array, const TensorType& wanted);

}  // namespace qgraph::cli
