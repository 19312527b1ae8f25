// The windows of a convolution as rows of a product of matrices: where each begins in the input or, where the border is padded,
// in a copy of it that has its border.
#pragma once

#include <algorithm>
#include <vector>

#include "ops/support/conv_geometry.hpp"
#include "runtime/thread_pool.hpp"

namespace qgraph::runtime {

struct WindowRows {
  std::vector<std::ptrdiff_t> runs{};  ///< where the elements of a window that lie side by side begin
  std::int64_t run_length = 0;
  std::int64_t lines = 0, rows = 0;  ///< rows of a line
  std::int64_t lines_per_image = 0;
  std::ptrdiff_t row_stride = 0, line_stride = 0, image_stride = 0;
  bool copied = false;
  std::int64_t images = 0, height = 0, width = 0, channels = 0;  ///< of what the windows lie in
  std::int64_t source_height = 0, source_width = 0, pad_top = 0, pad_left = 0;

  /// False: sizes are beyond what pays, or the copy is far larger than the input (a filter that is mostly outside).
  bool plan(const ConvGeometry& geometry, bool always_copied);

  std::int64_t run_count() const noexcept { return static_cast<std::int64_t>(runs.size()); }
  std::int64_t count() const noexcept { return lines * rows; }
  std::int64_t copied_elements() const noexcept { return copied ? images * height * width * channels : 0; }

  /// Calls f(where the first begins, the first, how many) for rows of `mine` that lie in a line.
  template <class F>
  void each_stretch(Share mine, const F& f) const noexcept {
    for (std::int64_t row = mine.begin; row < mine.end;) {
      const std::int64_t line = row / rows, first = row % rows, n = std::min(rows - first, mine.end - row);
      f(line / lines_per_image * image_stride + line % lines_per_image * line_stride + first * row_stride, row, n);
      row += n;
    }
  }

  /// Lines `mine` of all images' copy: copy(from, how many, to) for what lies in the input, `border` around it.
  template <class From, class To, class Copy>
  void copy_lines(const From* from, To* to, Share mine, To border, const Copy& copy) const noexcept {
    const std::int64_t left = std::clamp<std::int64_t>(pad_left, 0, width), first = std::max<std::int64_t>(-pad_left, 0);
    const std::int64_t pixels = std::clamp<std::int64_t>(source_width - first, 0, width - left);
    for (std::int64_t line = mine.begin; line < mine.end; ++line) {
      To* out = to + line * width * channels;
      const std::int64_t image = line / height, y = line % height - pad_top;
      if (y < 0 || y >= source_height) {
        std::fill_n(out, width * channels, border);
        continue;
      }
      std::fill_n(out, left * channels, border);
      copy(from + ((image * source_height + y) * source_width + first) * channels, pixels * channels, out + left * channels);
      std::fill_n(out + (left + pixels) * channels, (width - left - pixels) * channels, border);
    }
  }
};

/// What one of several threads computes of rows by columns, which are counted in vectors: rows, or where there are few of them
/// columns.
struct ProductPart {
  Share rows, vectors;
};
constexpr ProductPart part_of_product(std::int64_t rows, std::int64_t columns, std::int64_t vectors, int part,
                                      int parts) noexcept {
  const bool by_columns = parts > 1 && rows < 8 * parts && rows < columns;
  return by_columns ? ProductPart{{0, rows}, share(vectors, part, parts)} : ProductPart{share(rows, part, parts), {0, vectors}};
}

}  // namespace qgraph::runtime
