// Where the windows of a convolution begin.
#include "runtime/fast/window_rows.hpp"

#include <cstdlib>

namespace qgraph::runtime {

bool WindowRows::plan(const ConvGeometry& g, bool always_copied) {
  constexpr std::int64_t most = 1 << 16;
  for (std::size_t k : {1U, 2U})
    if (g.in[k] > (1 << 24) || g.out[k] > (1 << 24) || g.filter[k] > most || g.dilation[k] > most || g.stride[k] > most ||
        std::abs(g.pad[k]) > most)
      return false;
  const auto reach = [&](std::size_t k) { return (g.out[k] - 1) * g.stride[k] + (g.filter[k] - 1) * g.dilation[k] + 1; };
  channels = g.groups * g.group_in;
  images = g.batch;
  source_height = g.in[1];
  source_width = g.in[2];
  pad_top = g.pad[1];
  pad_left = g.pad[2];
  copied = always_copied || pad_top != 0 || pad_left != 0 || reach(1) > g.in[1] || reach(2) > g.in[2];
  height = copied ? reach(1) : g.in[1];
  width = copied ? reach(2) : g.in[2];
  const auto size = [this](std::int64_t h, std::int64_t w) {
    return static_cast<double>(images) * static_cast<double>(h) * static_cast<double>(w) * static_cast<double>(channels);
  };
  if (copied && size(height, width) > 4 * size(source_height, source_width) + (1 << 20)) return false;

  const std::int64_t line = width * channels;
  // Taps side by side are one run where nothing lies between them.
  const bool joined = g.groups == 1 && g.dilation[2] == 1;
  run_length = joined ? g.filter[2] * g.group_in : g.group_in;
  for (std::int64_t y = 0; y < g.filter[1]; ++y)
    for (std::int64_t x = 0; x < (joined ? 1 : g.filter[2]); ++x)
      runs.push_back(y * g.dilation[1] * line + x * g.dilation[2] * channels);
  row_stride = g.stride[2] * channels;
  line_stride = g.stride[1] * line;
  image_stride = height * line;
  lines_per_image = g.out[1];
  lines = g.batch * g.out[1];
  rows = g.out[2];
  if (g.taps() == 1 && g.stride[1] == 1 && g.stride[2] == 1 && height == g.out[1] && width == g.out[2]) {
    rows *= lines;
    lines = lines_per_image = 1;
  }
  return true;
}

}  // namespace qgraph::runtime
