// What the ops that move elements share: integer operands, output types, and one path for fixed-size elements and strings.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ops/infer.hpp"
#include "ops/kernel.hpp"
#include "ops/support/strided_copy.hpp"

namespace qgraph::ops {

/// Element i of an integer or boolean tensor.
std::int64_t integer_at(const View& view, std::int64_t i) noexcept;

/// The values of a small integer operand (shape, axes, paddings), without allocation. Longer ones are cut.
struct Integers {
  std::array<std::int64_t, 4 * max_rank> values{};
  std::size_t count = 0;
  std::span<const std::int64_t> span() const noexcept { return {values.data(), count}; }
  std::int64_t operator[](std::size_t i) const noexcept { return values[i]; }
};
Integers read_integers(const View& view) noexcept;

/// Strides in elements of a dense row-major shape.
std::array<std::int64_t, max_rank> dense_strides(const Shape& shape) noexcept;
/// Product of the concrete dims [from, to).
std::int64_t product(const Shape& shape, std::size_t from, std::size_t to) noexcept;
std::optional<std::int64_t> add_checked(std::int64_t a, std::int64_t b) noexcept;
std::optional<std::int64_t> multiply_checked(std::int64_t a, std::int64_t b) noexcept;
/// A dimension that an operand asks for: 0 to 2^31 - 1, as every format here stores it.
constexpr bool sensible_dim(std::int64_t d) noexcept { return d >= 0 && d <= 0x7FFF'FFFF; }
/// n dynamic dims; of unknown rank if n is none.
Shape open_shape(std::optional<std::size_t> n);
/// Number of elements of a 1-D operand as far as its type tells: the rank of what it describes.
std::optional<std::size_t> vector_length(const InferContext& c, std::size_t i);

/// The type of output `out`, which holds elements of input `in`: the same storage, declared or inherited parameters.
/// Fails (with `label`) where the elements have no fixed size (strings apart, if `strings`), or a rank is beyond max_rank.
Result<TensorType> moved_type(const InferContext& c, std::string_view label, std::size_t in, std::size_t out, Shape shape,
                              bool strings = true);
/// The same as the only output.
Result<Types> moved(const InferContext& c, std::string_view label, Shape shape, bool strings = true);

/// Fails the run: "<op>: index 7 is outside of [0, 5)".
void fail_index(const KernelArgs& args, std::string_view op, std::int64_t index, std::int64_t size) noexcept;

/// Bits of an element; 0 for strings.
int element_bits(const View& view) noexcept;
/// Zeroes the last byte of a sub-byte tensor, which its elements may not fill.
void clear_tail(const View& view) noexcept;

namespace detail {
/// Strings are moved by moving their positions: what `positions` gives, string by string.
void move_strings(const KernelArgs& args, const View& in, std::size_t out, std::span<const std::int32_t> positions) noexcept;
std::vector<std::int32_t> counting(std::int64_t n);
}  // namespace detail

/// Calls mover(const std::byte* in, std::byte* out, int element_bits) for input `in` and output `out`.
template <class Mover>
void move_elements(const KernelArgs& args, const Mover& mover, std::size_t in = 0, std::size_t out = 0) noexcept {
  const View& input = args.inputs[in];
  const View& output = args.outputs[out];
  if (input.type->storage() == DType::string) {
    const std::vector<std::int32_t> from = detail::counting(input.elements());
    std::vector<std::int32_t> to(static_cast<std::size_t>(output.elements()));
    mover(reinterpret_cast<const std::byte*>(from.data()), reinterpret_cast<std::byte*>(to.data()), 32);
    detail::move_strings(args, input, out, to);
    return;
  }
  clear_tail(output);
  mover(static_cast<const std::byte*>(input.data), output.data, element_bits(input));
}

/// The bytes of input 0 as they are: reshape, squeeze, expand_dims.
void copy_bytes(const KernelArgs& args) noexcept;

}  // namespace qgraph::ops
