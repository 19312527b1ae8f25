// The windows of a pool with channels last as kernels take them: stretches of a line whose windows have the same taps.
#pragma once

#include "ops/support/pool_geometry.hpp"
#include "runtime/thread_pool.hpp"

namespace qgraph::runtime {

struct PoolWindows {
  PoolGeometry geometry;
  std::int64_t full_begin = 0, full_end = 0;  ///< columns of windows that lie inside the input from left to right
  ThreadPool* threads = nullptr;
  int parts = 1;

  PoolWindows(const PoolGeometry& g, ThreadPool* pool, std::int64_t taps_worth_splitting) : geometry(g), threads(pool) {
    const auto full = [&](std::int64_t x) {
      const auto taps = g.taps(2, x);
      return taps.first == 0 && taps.last == g.filter[2];
    };
    while (full_begin < g.out[2] && !full(full_begin)) ++full_begin;
    full_end = full_begin;
    while (full_end < g.out[2] && full(full_end)) ++full_end;
    const std::int64_t outputs = g.batch * g.out[1] * g.out[2] * g.channels;
    parts = parts_of(pool, outputs * g.filter[1] * g.filter[2] / taps_worth_splitting);
  }
  static bool serves(const PoolGeometry& g) noexcept { return g.in_channel == 1 && g.out_channel == 1 && g.out[0] == 1; }

  /// Steps and depth of W, a kernel's windows.
  template <class W>
  W layout() const noexcept {
    W w;
    w.depth = geometry.channels;
    w.row_step = geometry.dilation[1] * geometry.in_step[1];
    w.column_step = geometry.dilation[2] * geometry.in_step[2];
    w.window_step = geometry.stride[2] * geometry.in_step[2];
    return w;
  }

  /// f(windows, the first's first tap in `in`, its output in `out`, taps with padding) for all stretches, by several threads.
  template <class T, class W, class F>
  void each(const W& prototype, const T* in, T* out, const F& f) const noexcept {
    const PoolGeometry& g = geometry;
    split_work(threads, parts, [&](int part, int count, int) noexcept {
      const Share mine = share(g.batch * g.out[1], part, count);
      for (std::int64_t line = mine.begin; line < mine.end; ++line) {
        const std::int64_t b = line / g.out[1], y = line % g.out[1];
        const auto down = g.taps(1, y);
        const T* rows = in + b * g.in_batch + (down.origin + down.first * g.dilation[1]) * g.in_step[1];
        W w = prototype;
        w.rows = down.last - down.first;
        const auto some = [&](std::int64_t x, std::int64_t windows) {
          const auto across = g.taps(2, x);
          w.columns = across.last - across.first;
          w.windows = windows;
          f(w, rows + (across.origin + across.first * g.dilation[2]) * g.in_step[2],
            out + b * g.out_batch + y * g.out_step[1] + x * g.out_step[2], g.padded_taps(1, y) * g.padded_taps(2, x));
        };
        for (std::int64_t x = 0; x < full_begin; ++x) some(x, 1);
        if (full_begin < full_end) some(full_begin, full_end - full_begin);
        for (std::int64_t x = full_end; x < g.out[2]; ++x) some(x, 1);
      }
    });
  }
};

}  // namespace qgraph::runtime
