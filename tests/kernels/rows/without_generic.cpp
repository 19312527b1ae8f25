// Means and maxima of windows, functions of floats: definitions, element by element, beside the rows.
#include "without_generic.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "ops/support/polynomials.hpp"

namespace qgraph::rows {
namespace {

using kernels::Cpu;

template <class T>
Bytes bytes_of(const std::vector<T>& values) {
  Bytes bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

float random_float(Random& random) {
  const float value = std::ldexp(static_cast<float>(random.in(-1 << 24, 1 << 24)), static_cast<int>(random.in(-30, -18)));
  return random.one_in(30) ? (random.one_in(2) ? std::numeric_limits<float>::infinity() : -0.0F) : value;
}

/// Shape and steps of random windows, of dense images. Returns how many elements they reach over.
template <class Windows>
std::int64_t shape_windows(Random& random, Windows& w) {
  w.columns_first = random.one_in(2);
  w.depth = random.in(1, 70);
  w.rows = random.in(1, 4);
  w.columns = random.in(1, 4);
  w.windows = random.in(1, 3);
  w.column_step = w.depth * random.in(1, 2);
  w.window_step = w.depth * random.in(1, 3);
  w.row_step = w.windows * w.window_step + w.columns * w.column_step;
  return w.rows * w.row_step;
}

/// f(element) for every element of a window of one channel, in the order of their sum; then(sum of a column or row).
template <class Windows, class T, class F, class Then>
void over_window(const Windows& w, const T* in, bool columns_first, const F& f, const Then& then) {
  const std::int64_t outer = columns_first ? w.columns : w.rows, inner = columns_first ? w.rows : w.columns;
  for (std::int64_t i = 0; i < outer; ++i) {
    for (std::int64_t j = 0; j < inner; ++j)
      f(in[(columns_first ? j : i) * w.row_step + (columns_first ? i : j) * w.column_step]);
    then();
  }
}

/// The mean of floats term(x), summed as `w` says.
template <class Windows, class T, class Term>
float mean(const Windows& w, const T* in, float divisor, const Term& term) {
  float all = 0, column = 0;
  if (w.columns_first) {
    over_window(
        w, in, true, [&](T x) { column += term(x); },
        [&] {
          all += column;
          column = 0;
        });
  } else {
    over_window(
        w, in, false, [&](T x) { all += term(x); }, [] {});
  }
  return all / divisor;
}

template <class T>
std::int32_t stored_mean(const kernels::AverageWindows& w, const T* in) {
  std::int32_t sum = w.added;
  over_window(
      w, in, false, [&](T x) { sum += x; }, [] {});
  const std::int32_t half = w.divisor / 2;
  return std::clamp((sum < 0 ? sum - half : sum + half) / w.divisor, w.low, w.high);
}

template <class T>
std::int32_t real_mean(const kernels::AverageWindows& w, const T* in) {
  float real = 0;
  if (w.factor != 0) {
    std::int32_t sum = 0;
    over_window(
        w, in, false, [&](T x) { sum += x - w.zero; }, [] {});
    real = static_cast<float>(sum) * w.factor;
  } else {
    real = mean(w, in, w.float_divisor, [&](T x) { return w.scale * static_cast<float>(x - w.zero); });
  }
  return static_cast<std::int32_t>(std::nearbyint(std::clamp(real / w.out_scale + w.before, w.least, w.most))) + w.behind;
}

template <class T>
void average_by_definition(const kernels::AverageWindows& w, const std::uint8_t* in, Bytes& stored, Bytes& real) {
  for (std::int64_t i = 0; i < w.windows; ++i)
    for (std::int64_t c = 0; c < w.depth; ++c) {
      const auto* first = reinterpret_cast<const T*>(in) + i * w.window_step + c;
      stored[static_cast<std::size_t>(i * w.depth + c)] = static_cast<std::uint8_t>(stored_mean(w, first));
      real[static_cast<std::size_t>(i * w.depth + c)] = static_cast<std::uint8_t>(real_mean(w, first));
    }
}

}  // namespace

Bytes average(std::uint64_t seed, Cpu cpu) {
  Random random{std::mt19937_64(seed)};
  kernels::AverageWindows w{.is_signed = random.one_in(2)};
  const std::int64_t reach = shape_windows(random, w);
  const auto in = random.bytes<std::uint8_t>(reach);
  const std::int32_t bottom = w.is_signed ? -128 : 0, top = bottom + 255;
  w.added = static_cast<std::int32_t>(random.in(-500, 500));
  w.divisor = static_cast<std::int32_t>(random.in(1, w.rows * w.columns));
  w.low = static_cast<std::int32_t>(random.in(bottom, bottom + 100));
  w.high = static_cast<std::int32_t>(random.in(top - 100, top));
  w.zero = static_cast<std::int32_t>(random.in(bottom, top));
  w.scale = 0.37F;
  w.float_divisor = static_cast<float>(w.divisor);
  w.factor = random.one_in(2) ? 0.0117F : 0.0F;
  w.out_scale = std::ldexp(1.37F, static_cast<int>(random.in(-6, 2)));
  // Either added before rounding, or behind it.
  const auto out_zero = static_cast<std::int32_t>(random.in(bottom, top));
  const bool before = random.one_in(2);
  w.before = before ? static_cast<float>(out_zero) : 0.0F;
  w.behind = before ? 0 : out_zero;
  w.least = static_cast<float>(bottom - w.behind);
  w.most = static_cast<float>(top - w.behind);
  Bytes stored(static_cast<std::size_t>(w.windows * w.depth)), real(stored.size());
  if (const kernels::AverageS8Kernel* kernel = kernels::average_s8(cpu); kernel && cpu != Cpu::generic) {
    kernel->stored(w, in.data(), stored.data());
    kernel->real(w, in.data(), real.data());
  } else if (w.is_signed) {
    average_by_definition<std::int8_t>(w, in.data(), stored, real);
  } else {
    average_by_definition<std::uint8_t>(w, in.data(), stored, real);
  }
  stored.insert(stored.end(), real.begin(), real.end());
  return stored;
}

Bytes windows(std::uint64_t seed, Cpu cpu) {
  Random random{std::mt19937_64(seed)};
  kernels::FloatWindows w{};
  std::vector<float> in(static_cast<std::size_t>(shape_windows(random, w)));
  for (float& x : in) x = random_float(random);
  w.divisor = static_cast<float>(w.rows * w.columns);
  w.low = random.one_in(2) ? 0.0F : -std::numeric_limits<float>::infinity();
  w.high = random.one_in(2) ? 6.0F : std::numeric_limits<float>::infinity();
  const auto count = static_cast<std::size_t>(w.windows * w.depth);
  std::vector<float> out(2 * count);
  if (const kernels::WindowsF32Kernel* kernel = kernels::windows_f32(cpu); kernel && cpu != Cpu::generic) {
    kernel->mean(w, in.data(), out.data());
    kernel->most(w, in.data(), out.data() + count);
    return bytes_of(out);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const float* first = in.data() + at / w.depth * w.window_step + at % w.depth;
    float most = std::numeric_limits<float>::lowest();
    over_window(
        w, first, false, [&](float x) { most = x > most ? x : most; }, [] {});
    out[i] = std::min(std::max(mean(w, first, w.divisor, [](float x) { return x; }), w.low), w.high);
    out[count + i] = std::min(std::max(most, w.low), w.high);
  }
  return bytes_of(out);
}

Bytes functions(std::uint64_t seed, Cpu cpu) {
  Random random{std::mt19937_64(seed)};
  const kernels::SoftmaxRows rows{.depth = random.in(1, 70), .rows = random.in(1, 3)};
  const std::int64_t n = rows.depth * rows.rows;
  std::vector<float> in(static_cast<std::size_t>(n)), finite = in, out(static_cast<std::size_t>(4 * n));
  for (std::size_t i = 0; i < in.size(); ++i) {
    in[i] = random_float(random);
    finite[i] = std::isfinite(in[i]) ? in[i] : 0.5F;
  }
  float* const results = out.data();
  if (const kernels::FunctionsF32Kernel* kernel = kernels::functions_f32(cpu); kernel && cpu != Cpu::generic) {
    kernel->softmax_polynomial(rows, finite.data(), results);
    kernel->logistic_polynomial(in.data(), results + n, n);
    kernel->tanh_polynomial(in.data(), results + 2 * n, n);
    kernel->erf_polynomial(in.data(), results + 3 * n, n);
    return bytes_of(out);
  }
  for (std::int64_t row = 0; row < rows.rows; ++row) {
    const float* from = finite.data() + row * rows.depth;
    float* to = results + row * rows.depth;
    const float most = *std::max_element(from, from + rows.depth);
    for (std::int64_t c = 0; c < rows.depth; ++c) to[c] = polynomials::exp(from[c] - most);
    const float inverse = 1.0F / polynomials::sum_in_lanes(rows.depth, [&](std::int64_t c) { return to[c]; });
    for (std::int64_t c = 0; c < rows.depth; ++c) to[c] *= inverse;
  }
  for (std::int64_t i = 0; i < n; ++i) {
    results[n + i] = polynomials::logistic(in[static_cast<std::size_t>(i)]);
    results[2 * n + i] = polynomials::tanh(in[static_cast<std::size_t>(i)]);
    results[3 * n + i] = polynomials::erf(in[static_cast<std::size_t>(i)]);
  }
  return bytes_of(out);
}

}  // namespace qgraph::rows
