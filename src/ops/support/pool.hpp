// What pooling ops share: attributes, inference and the loop over windows.
#pragma once

#include <tuple>

#include "ops/requantize.hpp"
#include "ops/support/activation.hpp"
#include "ops/support/map_elements.hpp"
#include "ops/support/pool_geometry.hpp"

namespace qgraph {

struct Pool2d {
  std::int64_t filter_height = 1, filter_width = 1, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  Padding padding = Padding::valid;
  std::int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  bool ceil_mode = false, count_include_pad = false, columns_first = false;
  Activation activation = Activation::none;
  Layout layout = Layout::nhwc;

  static constexpr int spatial = 2;
  PoolParameters parameters() const {
    return {.filter = {1, filter_height, filter_width},
            .stride = {1, stride_h, stride_w},
            .dilation = {1, dilation_h, dilation_w},
            .pad_before = {0, pad_top, pad_left},
            .pad_after = {0, pad_bottom, pad_right},
            .padding = padding,
            .ceil_mode = ceil_mode,
            .layout = layout,
            .spatial = spatial};
  }
};
struct Pool3d : Pool2d {
  std::int64_t filter_depth = 1, stride_d = 1, dilation_d = 1, pad_front = 0, pad_back = 0;

  static constexpr int spatial = 3;
  PoolParameters parameters() const {
    PoolParameters p = Pool2d::parameters();
    p.filter[0] = filter_depth;
    p.stride[0] = stride_d;
    p.dilation[0] = dilation_d;
    p.pad_before[0] = pad_front;
    p.pad_after[0] = pad_back;
    p.spatial = spatial;
    return p;
  }
};

inline constexpr std::array pool_2d_attributes{
    attr<&Pool2d::filter_height>("filter_height", "window"),
    attr<&Pool2d::filter_width>("filter_width", "window"),
    attr<&Pool2d::stride_h>("stride_h", "step from window to window"),
    attr<&Pool2d::stride_w>("stride_w", "the same, width"),
    attr<&Pool2d::dilation_h>("dilation_h", "step inside a window"),
    attr<&Pool2d::dilation_w>("dilation_w", "the same, width"),
    attr<&Pool2d::padding>("padding", "how much lies around the input; explicit: pad_top ..."),
    attr<&Pool2d::pad_top>("pad_top", "explicit padding"),
    attr<&Pool2d::pad_left>("pad_left", "explicit padding"),
    attr<&Pool2d::pad_bottom>("pad_bottom", "explicit padding"),
    attr<&Pool2d::pad_right>("pad_right", "explicit padding"),
    attr<&Pool2d::ceil_mode>("ceil_mode", "a last window may reach over the end"),
    attr<&Pool2d::count_include_pad>("count_include_pad", "averages count padding as zeros"),
    attr<&Pool2d::columns_first>("columns_first", "averages of floats add up the columns of a window, and then these"),
    attr<&Pool2d::activation>("activation", "clamp of the result"),
    attr<&Pool2d::layout>("layout", "order of axes")};

namespace detail {
template <auto Member>
constexpr AttrDef pool_3d_attribute(std::string_view name, std::string_view doc) {
  // A member of the base is reached through the derived struct.
  return {.name = name,
          .doc = doc,
          .set = [](void* a, const AttributeValue& v) { return set_member(static_cast<Pool3d*>(a)->*Member, v); },
          .get = [](const void* a) { return get_member(static_cast<const Pool3d*>(a)->*Member); },
          .words = member_words<typename MemberOf<decltype(Member)>::Member>()};
}
}  // namespace detail

inline constexpr std::array pool_3d_attributes{
    detail::pool_3d_attribute<&Pool3d::filter_depth>("filter_depth", "window"),
    detail::pool_3d_attribute<&Pool2d::filter_height>("filter_height", "window"),
    detail::pool_3d_attribute<&Pool2d::filter_width>("filter_width", "window"),
    detail::pool_3d_attribute<&Pool3d::stride_d>("stride_d", "step from window to window"),
    detail::pool_3d_attribute<&Pool2d::stride_h>("stride_h", "the same, height"),
    detail::pool_3d_attribute<&Pool2d::stride_w>("stride_w", "the same, width"),
    detail::pool_3d_attribute<&Pool3d::dilation_d>("dilation_d", "step inside a window"),
    detail::pool_3d_attribute<&Pool2d::dilation_h>("dilation_h", "the same, height"),
    detail::pool_3d_attribute<&Pool2d::dilation_w>("dilation_w", "the same, width"),
    detail::pool_3d_attribute<&Pool2d::padding>("padding", "how much lies around the input; explicit: pad_front ..."),
    detail::pool_3d_attribute<&Pool3d::pad_front>("pad_front", "explicit padding"),
    detail::pool_3d_attribute<&Pool2d::pad_top>("pad_top", "explicit padding"),
    detail::pool_3d_attribute<&Pool2d::pad_left>("pad_left", "explicit padding"),
    detail::pool_3d_attribute<&Pool3d::pad_back>("pad_back", "explicit padding"),
    detail::pool_3d_attribute<&Pool2d::pad_bottom>("pad_bottom", "explicit padding"),
    detail::pool_3d_attribute<&Pool2d::pad_right>("pad_right", "explicit padding"),
    detail::pool_3d_attribute<&Pool2d::ceil_mode>("ceil_mode", "a last window may reach over the end"),
    detail::pool_3d_attribute<&Pool2d::count_include_pad>("count_include_pad", "averages count padding as zeros"),
    detail::pool_3d_attribute<&Pool2d::columns_first>("columns_first",
                                                      "averages of floats add up the columns of a window, and then these"),
    detail::pool_3d_attribute<&Pool2d::activation>("activation", "clamp of the result"),
    detail::pool_3d_attribute<&Pool2d::layout>("layout", "order of axes")};

template <class P>
Result<Types> infer_pool(const InferContext& c, std::string_view op) {
  auto shape = pool_output_shape(op, c.attributes<P>().parameters(), c.shape(0));
  if (!shape) return std::move(shape).error();
  return Types{c.output(0, c.input(0).element, *std::move(shape))};
}

struct PreparedPool {
  PoolGeometry geometry;
  bool count_include_pad = false, columns_first = false;
  float low = 0.0F, high = 0.0F;  ///< float clamp
  std::int32_t low_stored = 0, high_stored = 0;
};

/// Do averages add up the columns of a window first? A row that ONNX Runtime's buffer does not hold is summed in order.
inline bool sums_columns(const Pool2d& a, const PoolGeometry& g) noexcept {
  constexpr std::int64_t longest_row = 2045;
  return a.columns_first && g.in[2] + g.pad[2] + g.pad_after[2] <= longest_row;
}

/// Acc: the type of an accumulator, of which the kernel takes two per channel as scratch.
template <class P, class Acc>
Result<std::shared_ptr<const void>> prepare_pool(PrepareContext& c) {
  const auto& a = c.attributes<P>();
  const TensorType& out = *c.outputs[0].type;
  if (a.activation == Activation::tanh || a.activation == Activation::sign_bit)
    return unsupported("pooling takes no activation but clamps", Cause::invalid_attribute);
  PreparedPool p{.geometry = PoolGeometry(a.parameters(), c.inputs[0].shape(), out.shape)};
  p.count_include_pad = a.count_include_pad;
  p.columns_first = sums_columns(a, p.geometry);
  std::tie(p.low, p.high) = activation_range(a.activation);
  if (out.quantized()) {
    std::tie(p.low_stored, p.high_stored) = quantized_activation_range(a.activation, out);
  } else {
    const IntegerRange range = integer_range(out.storage());
    p.low_stored = static_cast<std::int32_t>(range.min);
    p.high_stored = static_cast<std::int32_t>(range.max);
  }
  c.scratch_bytes = 2 * static_cast<std::size_t>(p.geometry.channels) * sizeof(Acc);
  return prepared(c, p);
}

/// step(accumulator, element) over each window in the order depth, height, width, or column by column; finish(accumulator, count)
/// makes the result.
template <class T, class Acc, class Step, class Finish>
void run_pool(const KernelArgs& args, Acc initial, Step step, Finish finish) noexcept {
  const auto& p = args.prepared_as<PreparedPool>();
  const PoolGeometry& g = p.geometry;
  auto* sums = reinterpret_cast<Acc*>(args.scratch);
  const T* in = args.in<T>(0);
  T* out = args.out<T>();
  for (std::int64_t b = 0; b < g.batch; ++b)
    for (std::int64_t z = 0; z < g.out[0]; ++z)
      for (std::int64_t y = 0; y < g.out[1]; ++y)
        for (std::int64_t x = 0; x < g.out[2]; ++x) {
          const auto tz = g.taps(0, z), ty = g.taps(1, y), tx = g.taps(2, x);
          std::fill_n(sums, g.channels, initial);
          const auto add = [&](Acc* to, std::int64_t first, std::int64_t last) {  // of all rows, the taps from first to last
            for (std::int64_t fz = tz.first; fz < tz.last; ++fz)
              for (std::int64_t fy = ty.first; fy < ty.last; ++fy)
                for (std::int64_t fx = first; fx < last; ++fx) {
                  const T* tap = in + b * g.in_batch + (tz.origin + fz * g.dilation[0]) * g.in_step[0] +
                                 (ty.origin + fy * g.dilation[1]) * g.in_step[1] +
                                 (tx.origin + fx * g.dilation[2]) * g.in_step[2];
                  if (g.in_channel == 1)
                    for (std::int64_t c = 0; c < g.channels; ++c) to[c] = step(to[c], tap[c]);
                  else
                    for (std::int64_t c = 0; c < g.channels; ++c) to[c] = step(to[c], tap[c * g.in_channel]);
                }
          };
          if (!p.columns_first) add(sums, tx.first, tx.last);
          for (std::int64_t fx = tx.first; p.columns_first && fx < tx.last; ++fx) {
            Acc* column = sums + g.channels;
            std::fill_n(column, g.channels, initial);
            add(column, fx, fx + 1);
            for (std::int64_t c = 0; c < g.channels; ++c) sums[c] = static_cast<Acc>(sums[c] + column[c]);
          }
          const std::int64_t count = p.count_include_pad ? g.padded_taps(0, z) * g.padded_taps(1, y) * g.padded_taps(2, x)
                                                         : (tz.last - tz.first) * (ty.last - ty.first) * (tx.last - tx.first);
          T* to = out + b * g.out_batch + z * g.out_step[0] + y * g.out_step[1] + x * g.out_step[2];
          for (std::int64_t c = 0; c < g.channels; ++c) to[c * g.out_channel] = finish(sums[c], count);
        }
}

template <class T>
void run_average_pool(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<PreparedPool>();
  if constexpr (std::is_floating_point_v<T>) {
    run_pool<T, T>(
        args, T{0}, [](T sum, T x) { return sum + x; },
        [&](T sum, std::int64_t n) { return n == 0 ? T{0} : std::min(std::max(sum / static_cast<T>(n), p.low), p.high); });
  } else {
    const auto zero = static_cast<std::int64_t>(args.inputs[0].type->zero_point());
    run_pool<T, std::int64_t>(
        args, 0, [zero](std::int64_t sum, T x) { return sum + x - zero; },
        [&](std::int64_t sum, std::int64_t n) {
          // Stored values are averaged, half away from zero: the zero point is put back before the division.
          const std::int64_t stored = sum + zero * n;
          const std::int64_t q = n == 0 ? zero : (stored > 0 ? stored + n / 2 : stored - n / 2) / n;
          return static_cast<T>(std::clamp<std::int64_t>(q, p.low_stored, p.high_stored));
        });
  }
}

template <class T>
void run_max_pool(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<PreparedPool>();
  const auto most = [](T a, T b) { return std::max(a, b); };
  if constexpr (std::is_floating_point_v<T>) {
    run_pool<T, T>(args, std::numeric_limits<T>::lowest(), most,
                   [&](T x, std::int64_t) { return std::min(std::max(x, p.low), p.high); });
  } else {
    run_pool<T, T>(args, std::numeric_limits<T>::lowest(), most,
                   [&](T x, std::int64_t) { return static_cast<T>(std::clamp<std::int32_t>(x, p.low_stored, p.high_stored)); });
  }
}

template <class P>
inline constexpr std::array average_pool_kernels{
    kernel(DType::float32, run_average_pool<float>, prepare_pool<P, float>),
    kernel(DType::qint8, run_average_pool<std::int8_t>, prepare_pool<P, std::int64_t>),
    kernel(DType::quint8, run_average_pool<std::uint8_t>, prepare_pool<P, std::int64_t>),
    kernel(DType::qint16, run_average_pool<std::int16_t>, prepare_pool<P, std::int64_t>),
};
template <class P>
inline constexpr std::array max_pool_kernels{
    kernel(DType::float32, run_max_pool<float>, prepare_pool<P, float>),
    kernel(DType::qint8, run_max_pool<std::int8_t>, prepare_pool<P, std::int8_t>),
    kernel(DType::quint8, run_max_pool<std::uint8_t>, prepare_pool<P, std::uint8_t>),
    kernel(DType::qint16, run_max_pool<std::int16_t>, prepare_pool<P, std::int16_t>),
    kernel(DType::int8, run_max_pool<std::int8_t>, prepare_pool<P, std::int8_t>),
    kernel(DType::uint8, run_max_pool<std::uint8_t>, prepare_pool<P, std::uint8_t>),
    kernel(DType::int16, run_max_pool<std::int16_t>, prepare_pool<P, std::int16_t>),
};

}  // namespace qgraph
