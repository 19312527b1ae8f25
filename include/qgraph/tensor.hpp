// Shapes, element types with their quantization, and bytes that keep their owner alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "qgraph/dtype.hpp"

namespace qgraph {

/// Dimensions, outermost first. -1 is a dimension that is known only at run time. A shape of unknown rank has no dims.
class QGRAPH_API Shape {
 public:
  static constexpr std::int64_t dynamic = -1;

  Shape() = default;  ///< a scalar
  Shape(std::initializer_list<std::int64_t> dims) : dims_(dims) {}
  explicit Shape(std::vector<std::int64_t> dims) : dims_(std::move(dims)) {}
  explicit Shape(std::span<const std::int64_t> dims) : dims_(dims.begin(), dims.end()) {}
  static Shape unknown_rank() {
    Shape s;
    s.ranked_ = false;
    return s;
  }

  bool ranked() const noexcept { return ranked_; }
  std::size_t rank() const noexcept { return dims_.size(); }
  std::int64_t operator[](std::size_t i) const noexcept { return dims_[i]; }
  std::int64_t& operator[](std::size_t i) noexcept { return dims_[i]; }
  std::span<const std::int64_t> dims() const noexcept { return dims_; }
  std::vector<std::int64_t>& mutable_dims() noexcept { return dims_; }
  auto begin() const noexcept { return dims_.begin(); }
  auto end() const noexcept { return dims_.end(); }
  /// Ranked and without a dynamic dimension.
  bool is_static() const noexcept;
  /// The product of the dims, 1 for a scalar; nothing if not static, negative or over 2^62.
  std::optional<std::int64_t> elements() const noexcept;
  /// "[1,224,224,3]", "[]" for a scalar, "?" for a dynamic dim, "[...]" for unknown rank.
  std::string to_string() const;
  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::vector<std::int64_t> dims_;
  bool ranked_ = true;
};

/// How stored integers stand for reals: real = scale * (stored - zero_point).
/// Per tensor: one scale, axis -1. Per axis: scales.size() == shape[axis]. Blockwise: block_size > 0, and scales laid
/// out row-major as the tensor's shape with shape[axis] divided by block_size, rounded up.
struct Quantization {
  std::vector<float> scales{};
  std::vector<std::int64_t> zero_points{};  ///< empty: all 0; one: for every scale; else as many as scales
  int axis = -1;
  std::int64_t block_size = 0;

  bool per_tensor() const noexcept { return scales.size() == 1 && block_size == 0; }
  std::int64_t zero_point(std::size_t i = 0) const noexcept {
    return zero_points.empty() ? 0 : zero_points.size() == 1 ? zero_points[0] : zero_points[i];
  }
  friend bool operator==(const Quantization&, const Quantization&) = default;
};

/// Elements that are what they are.
struct Plain {
  DType dtype = DType::unknown;
  friend bool operator==(const Plain&, const Plain&) = default;
};

/// Integers that stand for reals. Copying shares the parameters.
class QGRAPH_API Quantized {
 public:
  Quantized(DType storage, Quantization);
  Quantized(DType storage, float scale, std::int64_t zero_point = 0);
  DType storage() const noexcept { return storage_; }
  const Quantization& quantization() const noexcept { return *quantization_; }
  float scale() const noexcept { return quantization_->scales.empty() ? 0.0F : quantization_->scales[0]; }
  std::int64_t zero_point() const noexcept { return quantization_->zero_point(); }
  friend bool operator==(const Quantized& a, const Quantized& b) {
    return a.storage_ == b.storage_ && (a.quantization_ == b.quantization_ || *a.quantization_ == *b.quantization_);
  }

 private:
  DType storage_;
  std::shared_ptr<const Quantization> quantization_;
};

using ElementType = std::variant<Plain, Quantized>;

/// Element type and shape. In a Graph every tensor has one.
struct QGRAPH_API TensorType {
  ElementType element = Plain{};
  Shape shape{};

  TensorType() = default;
  TensorType(DType plain, Shape s) : element(Plain{plain}), shape(std::move(s)) {}
  TensorType(ElementType e, Shape s) : element(std::move(e)), shape(std::move(s)) {}
  /// qint8 for quantized int8, float32 for plain float32: the key that handlers and kernels are chosen by.
  DType dtype() const noexcept;
  /// int8 for both int8 and qint8.
  DType storage() const noexcept;
  bool quantized() const noexcept { return std::holds_alternative<Quantized>(element); }
  /// Null where the tensor is plain.
  const Quantization* quantization() const noexcept;
  float scale() const noexcept;              ///< the first scale; 0 where plain
  std::int64_t zero_point() const noexcept;  ///< the first zero point; 0 where plain
  /// Bytes of a tensor of this type; nothing if the shape is not static or the dtype has no fixed size.
  std::optional<std::size_t> bytes() const noexcept;
  /// "qint8[1,8] scale 0.5 zero_point 3"
  std::string to_string() const;
  friend bool operator==(const TensorType&, const TensorType&) = default;
};

/// Bytes and whoever keeps them alive (a mapped file, a vector). Copying shares. Never written through.
struct QGRAPH_API Buffer {
  std::shared_ptr<const void> owner{};
  std::span<const std::byte> bytes{};

  static Buffer copy_of(std::span<const std::byte>);  ///< 64-byte aligned
  static Buffer own(std::vector<std::byte>);
  static Buffer borrow(std::span<const std::byte> b) { return {{}, b}; }  ///< the caller keeps them alive
  template <class T>
  static Buffer of(std::span<const T> values) {
    return copy_of(std::as_bytes(values));
  }
  bool empty() const noexcept { return bytes.empty(); }
};

/// A value that a host passes in or gets out: a type and bytes in row-major order.
/// Sub-byte dtypes are packed low bits first; strings as DType::string says.
struct QGRAPH_API Tensor {
  TensorType type{};
  Buffer data{};

  Tensor() = default;
  Tensor(TensorType t, Buffer d) : type(std::move(t)), data(std::move(d)) {}
  template <class T>
  Tensor(DType dtype, Shape shape, std::span<const T> values) : type(dtype, std::move(shape)), data(Buffer::of(values)) {}

  template <class T>
  std::span<const T> values() const noexcept {
    return {reinterpret_cast<const T*>(data.bytes.data()), data.bytes.size() / sizeof(T)};
  }
};

}  // namespace qgraph
