// onnx.resize: any axes to other sizes, by the nearest element or by linear or cubic interpolation.
#include <cmath>
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"
#include "ops/support/scratch.hpp"
#include "ops/support/small_float.hpp"

namespace qgraph::ops::onnx {
namespace {

enum class Mode : std::uint8_t { nearest, linear, cubic };
constexpr std::string_view mode_words[] = {"nearest", "linear", "cubic"};
constexpr std::span<const std::string_view> enum_words(Mode) { return mode_words; }
enum class Coordinates : std::uint8_t {
  half_pixel,
  half_pixel_symmetric,
  pytorch_half_pixel,
  align_corners,
  asymmetric,
  tf_half_pixel_for_nn,
  tf_crop_and_resize
};
constexpr std::string_view coordinates_words[] = {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
                                                  "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize"};
constexpr std::span<const std::string_view> enum_words(Coordinates) { return coordinates_words; }
enum class Nearest : std::uint8_t { round_prefer_floor, round_prefer_ceil, floor, ceil };
constexpr std::string_view nearest_words[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
constexpr std::span<const std::string_view> enum_words(Nearest) { return nearest_words; }
enum class Aspect : std::uint8_t { stretch, not_larger, not_smaller };
constexpr std::string_view aspect_words[] = {"stretch", "not_larger", "not_smaller"};
constexpr std::span<const std::string_view> enum_words(Aspect) { return aspect_words; }

struct Resize {
  Mode mode = Mode::nearest;
  Coordinates coordinates = Coordinates::half_pixel;
  Nearest nearest = Nearest::round_prefer_floor;
  Aspect aspect = Aspect::stretch;
  float cubic_coeff_a = -0.75F, extrapolation_value = 0.0F;
  bool exclude_outside = false, antialias = false;
  std::vector<std::int64_t> axes{};
};
constexpr std::array attributes{
    attr<&Resize::mode>("mode", "nearest element, or interpolation"),
    attr<&Resize::coordinates>("coordinates", "how output places map to input places"),
    attr<&Resize::nearest>("nearest", "which element a place between two takes"),
    attr<&Resize::aspect>("aspect", "how sizes are kept in proportion"),
    attr<&Resize::cubic_coeff_a>("cubic_coeff_a", "of cubic interpolation"),
    attr<&Resize::extrapolation_value>("extrapolation_value", "tf_crop_and_resize: outside of the input"),
    attr<&Resize::exclude_outside>("exclude_outside", "what is outside has no weight; else the edge repeats"),
    attr<&Resize::antialias>("antialias", "filters widen when an axis shrinks"),
    attr<&Resize::axes>("axes", "that roi, scales and sizes speak of; none: all"),
};

/// The axes of the operands, in order; nothing where one is outside.
std::optional<std::vector<std::size_t>> resized_axes(const Resize& a, std::size_t rank) {
  std::vector<std::size_t> axes;
  for (std::int64_t axis : a.axes) {
    const auto at = normalize_axis(axis, rank);
    if (!at) return std::nullopt;
    axes.push_back(*at);
  }
  for (std::size_t i = 0; a.axes.empty() && i < rank; ++i) axes.push_back(i);
  return axes;
}

bool wants(const InferContext& c, std::size_t operand) { return c.has(operand) && c.shape(operand).elements() != 0; }

/// The scale that brings sizes into proportion.
float common_scale(const Resize& a, const Shape& in, std::span<const std::size_t> axes, std::span<const std::int64_t> sizes) {
  float scale = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const float s = static_cast<float>(sizes[i]) / static_cast<float>(in[axes[i]]);
    if (i == 0 || (a.aspect == Aspect::not_larger ? s < scale : s > scale)) scale = s;
  }
  return scale;
}

// resize_c1: rank 1 to 16; c2: axes are the input's; c3: as many scales or sizes as axes; c4: they are sensible.
Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<Resize>();
  const Shape& in = c.shape(0);
  if (!in.ranked()) return moved(c, "resize_c1", Shape::unknown_rank(), false);
  if (in.rank() == 0 || in.rank() > max_rank)
    return constraint("resize_c1", "rank must be 1 to 16, is " + std::to_string(in.rank()));
  const auto axes = resized_axes(a, in.rank());
  if (!axes) return constraint("resize_c2", "an axis is outside of " + in.to_string(), Cause::invalid_attribute);
  Shape out = in;
  const auto open = [&] {
    for (std::size_t axis : *axes) out[axis] = Shape::dynamic;
  };
  if (wants(c, 3)) {
    const auto sizes = c.integers(3);
    if (sizes && sizes->size() != axes->size())
      return constraint("resize_c3", std::to_string(sizes->size()) + " sizes for " + std::to_string(axes->size()) + " axes");
    if (!sizes || (a.aspect != Aspect::stretch && !in.is_static())) {
      open();
      return moved(c, "resize_c1", std::move(out), false);
    }
    const float common = a.aspect == Aspect::stretch ? 0 : common_scale(a, in, *axes, *sizes);
    for (std::size_t i = 0; i < axes->size(); ++i) {
      const std::int64_t d = a.aspect == Aspect::stretch
                                 ? (*sizes)[i]
                                 : static_cast<std::int64_t>(std::floor(common * static_cast<float>(in[(*axes)[i]]) + 0.5F));
      if (!sensible_dim(d)) return constraint("resize_c4", "a size is out of range", Cause::data_out_of_range);
      out[(*axes)[i]] = d;
    }
  } else if (wants(c, 2)) {
    const bool known = c.values.size() > 2 && c.values[2];
    const auto bytes = known ? *c.values[2] : std::span<const std::byte>{};
    if (known && bytes.size() / sizeof(float) != axes->size())
      return constraint("resize_c3", "there are not as many scales as axes");
    if (!known) open();
    for (std::size_t i = 0; known && i < axes->size(); ++i) {
      const auto scale = load_as<float>(bytes.data(), static_cast<std::int64_t>(i));
      const std::int64_t d = in[(*axes)[i]];
      if (!(scale > 0) || scale > 1e6F) return constraint("resize_c4", "a scale is out of range", Cause::data_out_of_range);
      if (d < 0) continue;
      const double size = std::floor(static_cast<double>(static_cast<float>(d) * scale));
      if (size > 0x7FFF'FFFF) return constraint("resize_c4", "a scale is out of range", Cause::data_out_of_range);
      out[(*axes)[i]] = static_cast<std::int64_t>(size);
    }
    for (std::size_t i = 0; known && i < axes->size(); ++i)
      if (in[(*axes)[i]] < 0 && load_as<float>(bytes.data(), static_cast<std::int64_t>(i)) != 1.0F)
        out[(*axes)[i]] = Shape::dynamic;
  } else {
    return constraint("resize_c3", "neither scales nor sizes are given", Cause::dangling_reference);
  }
  return moved(c, "resize_c1", std::move(out), false);
}

/// One axis: for each output place, `taps` elements with their weights. Axes that stay have one, weighing 1.
struct Axis {
  std::int64_t in = 1, out = 1, taps = 1, in_stride = 1;
  ScratchPiece index{}, weight{};
};
struct Plan {
  std::size_t rank = 0;
  std::array<Axis, max_rank> axes{};
  std::array<std::int64_t, max_rank> operand{};  ///< which scale, size, roi; -1: the axis stays
  std::int64_t operands = 0;
};

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const auto& a = c.attributes<Resize>();
  const Shape &in = c.inputs[0].shape(), &out = c.outputs[0].shape();
  auto plan = std::make_shared<Plan>();
  plan->rank = in.rank();
  plan->operand.fill(-1);
  const auto axes = resized_axes(a, in.rank());
  if (!axes) return constraint("resize_c2", "an axis is outside of the input", Cause::invalid_attribute);
  for (std::size_t i = 0; i < axes->size(); ++i) plan->operand[(*axes)[i]] = static_cast<std::int64_t>(i);
  plan->operands = static_cast<std::int64_t>(axes->size());
  Scratch scratch;
  const auto strides = dense_strides(in);
  for (std::size_t d = 0; d < plan->rank; ++d) {
    Axis& axis = plan->axes[d];
    axis.in = in[d];
    axis.out = out[d];
    axis.in_stride = strides[d];
    if (plan->operand[d] >= 0 && a.mode != Mode::nearest) {
      const std::int64_t reach = a.mode == Mode::linear ? 1 : 2;
      const double shrink =
          a.antialias && axis.out > 0 ? std::max(1.0, static_cast<double>(axis.in) / static_cast<double>(axis.out)) : 1.0;
      axis.taps = a.antialias ? 2 * static_cast<std::int64_t>(std::ceil(static_cast<double>(reach) * shrink)) + 2 : 2 * reach;
    }
    axis.index = scratch.take<std::int64_t>(axis.out * axis.taps);
    axis.weight = scratch.take<float>(axis.out * axis.taps);
  }
  if (scratch.too_large()) return constraint("resize_c5", "the operands are too large", Cause::resource_limit);
  const DType d = c.inputs[0].type->storage();
  if (a.mode != Mode::nearest && c.inputs[0].type->quantized())
    return failure("QG2102", Cause::unsupported_dtype, "quantized elements are not interpolated");
  if (a.mode != Mode::nearest && d != DType::float32 && d != DType::int8 && d != DType::uint8 && d != DType::int32)
    return failure("QG2102", Cause::unsupported_dtype, "elements of " + std::string(name(d)) + " are not interpolated");
  c.scratch_bytes = scratch.bytes();
  return std::shared_ptr<const void>(std::move(plan));
}

float place(const Resize& a, float x, float scale, std::int64_t in, std::int64_t out, float roi_begin, float roi_end) noexcept {
  const auto length = static_cast<float>(in), resized = static_cast<float>(out);
  switch (a.coordinates) {
    case Coordinates::half_pixel: return (x + 0.5F) / scale - 0.5F;
    case Coordinates::half_pixel_symmetric: {
      const float adjustment = resized / (scale * length), centre = length / 2;
      return centre * (1.0F - adjustment) + (x + 0.5F) / scale - 0.5F;
    }
    case Coordinates::pytorch_half_pixel: return out > 1 ? (x + 0.5F) / scale - 0.5F : a.mode == Mode::nearest ? 0.0F : -0.5F;
    case Coordinates::align_corners: return out == 1 ? 0.0F : x * (length - 1) / (resized - 1);
    case Coordinates::asymmetric: return x / scale;
    case Coordinates::tf_half_pixel_for_nn: return (x + 0.5F) / scale;
    case Coordinates::tf_crop_and_resize:
      return out > 1 ? roi_begin * (length - 1) + x * (roi_end - roi_begin) * (length - 1) / (resized - 1)
                     : 0.5F * (roi_begin + roi_end) * (length - 1);
  }
  return x;
}

std::int64_t nearest_element(Nearest mode, float x) noexcept {
  switch (mode) {
    case Nearest::round_prefer_floor: return static_cast<std::int64_t>(std::ceil(x - 0.5F));
    case Nearest::round_prefer_ceil: return static_cast<std::int64_t>(std::floor(x + 0.5F));
    case Nearest::floor: return static_cast<std::int64_t>(std::floor(x));
    case Nearest::ceil: return static_cast<std::int64_t>(std::ceil(x));
  }
  return 0;
}

/// The filter at a distance, in elements.
float filter_weight(const Resize& a, float distance) noexcept {
  const float d = std::abs(distance);
  if (a.mode == Mode::linear) return std::max(0.0F, 1.0F - d);
  const float k = a.cubic_coeff_a;
  if (d <= 1.0F) return ((k + 2.0F) * d - (k + 3.0F)) * d * d + 1.0F;
  return d < 2.0F ? k * (((d - 5.0F) * d + 8.0F) * d - 4.0F) : 0.0F;
}

constexpr std::int64_t outside = -1;

/// Fills the table of one resized axis. Places outside, where they have a value of their own, get the index `outside`.
void fill_axis(const Resize& a, const Axis& axis, float scale, float roi_begin, float roi_end, std::int64_t* index,
               float* weight) noexcept {
  for (std::int64_t o = 0; o < axis.out; ++o) {
    std::int64_t* at = index + o * axis.taps;
    float* w = weight + o * axis.taps;
    const float x = scale == 1.0F && a.coordinates != Coordinates::tf_crop_and_resize && axis.in == axis.out
                        ? static_cast<float>(o)
                        : place(a, static_cast<float>(o), scale, axis.in, axis.out, roi_begin, roi_end);
    const auto last = static_cast<float>(axis.in - 1);
    if (a.coordinates == Coordinates::tf_crop_and_resize && (x < 0.0F || x > last)) {
      std::fill_n(at, axis.taps, outside);
      std::fill_n(w, axis.taps, 0.0F);
      continue;
    }
    if (a.mode == Mode::nearest) {
      *at = std::clamp<std::int64_t>(nearest_element(a.nearest, std::clamp(x, -1.0F, last + 1.0F)), 0, axis.in - 1);
      *w = 1.0F;
      continue;
    }
    if (a.mode == Mode::linear && !a.antialias && !a.exclude_outside) {
      const float inside = std::clamp(x, 0.0F, last);
      at[0] = static_cast<std::int64_t>(inside);
      at[1] = std::min(at[0] + 1, axis.in - 1);
      // At the end ONNX Runtime takes two halves of the last element, but only along axes that change.
      const float end = scale == 1.0F && axis.in == axis.out ? 1.0F : 0.5F;
      w[0] = at[0] == at[1] ? end : static_cast<float>(at[1]) - inside;
      w[1] = at[0] == at[1] ? 1.0F - end : inside - static_cast<float>(at[0]);
      continue;
    }
    const float shrink = a.antialias ? std::min(scale, 1.0F) : 1.0F;
    const auto first = static_cast<std::int64_t>(std::floor(x)) - axis.taps / 2 + 1;
    float sum = 0;
    for (std::int64_t k = 0; k < axis.taps; ++k) {
      const std::int64_t i = first + k;
      w[k] = filter_weight(a, (static_cast<float>(i) - x) * shrink);
      if (a.exclude_outside && (i < 0 || i >= axis.in)) w[k] = 0.0F;
      at[k] = std::clamp<std::int64_t>(i, 0, axis.in - 1);
      sum += w[k];
    }
    if (a.antialias || a.exclude_outside)
      for (std::int64_t k = 0; k < axis.taps; ++k) w[k] /= sum;
  }
}

template <class T>
T converted(float x) noexcept {
  if constexpr (std::is_floating_point_v<T>)
    return x;
  else
    return static_cast<T>(std::clamp(static_cast<double>(x), static_cast<double>(std::numeric_limits<T>::min()),
                                     static_cast<double>(std::numeric_limits<T>::max())));
}

struct Tables {
  std::array<const std::int64_t*, max_rank> index{};
  std::array<const float*, max_rank> weight{};
  std::array<std::int64_t, max_rank> taps{};  ///< that weigh something; each place has Axis::taps entries
  std::size_t outer = 0;                      ///< axes before those that stay to the end
  std::int64_t inner = 1;                     ///< elements of these, which move together
};

/// Is every place its own, with a weight of 1?
bool stays(const Axis& axis, const std::int64_t* index, const float* weight) noexcept {
  if (axis.in != axis.out) return false;
  for (std::int64_t o = 0; o < axis.out; ++o)
    for (std::int64_t k = 0; k < axis.taps; ++k)
      if (k == 0 ? index[o * axis.taps] != o || weight[o * axis.taps] != 1.0F : weight[o * axis.taps + k] != 0.0F) return false;
  return true;
}

/// f(position, coordinates) for every run of t.inner outputs, in order.
template <class F>
void each_run(const Plan& plan, const Tables& t, std::int64_t n, F f) noexcept {
  std::array<std::int64_t, max_rank> at{};
  for (std::int64_t o = 0; o < n; o += t.inner) {
    f(o, at);
    for (std::size_t d = t.outer; d-- > 0;) {
      if (++at[d] < plan.axes[d].out) break;
      at[d] = 0;
    }
  }
}

template <class T>
void interpolate(const Plan& plan, const KernelArgs& args, const Tables& t) noexcept {
  constexpr std::int64_t block = 64;
  const T* in = args.in<T>(0);
  T* out = args.out<T>();
  const float beyond = args.attributes<Resize>().extrapolation_value;
  each_run(plan, t, args.outputs[0].elements(), [&](std::int64_t o, const std::array<std::int64_t, max_rank>& at) {
    for (std::size_t d = 0; d < t.outer; ++d)
      if (t.index[d][at[d] * plan.axes[d].taps] == outside) {
        std::fill_n(out + o, t.inner, converted<T>(beyond));
        return;
      }
    for (std::int64_t first = 0; first < t.inner; first += block) {
      const std::int64_t n = std::min(block, t.inner - first);
      float sums[block] = {};
      std::array<std::int64_t, max_rank> tap{};
      for (;;) {
        std::int64_t from = first;
        float weight = 1.0F;
        for (std::size_t d = t.outer; d-- > 0;) {
          const std::int64_t k = at[d] * plan.axes[d].taps + tap[d];
          from += t.index[d][k] * plan.axes[d].in_stride;
          weight *= t.weight[d][k];
        }
        for (std::int64_t i = 0; i < n; ++i) sums[i] += weight * static_cast<float>(in[from + i]);
        std::size_t d = t.outer;
        while (d-- > 0) {
          if (++tap[d] < t.taps[d]) break;
          tap[d] = 0;
        }
        if (d >= t.outer) break;
      }
      for (std::int64_t i = 0; i < n; ++i) out[o + first + i] = converted<T>(sums[i]);
    }
  });
}

void run(const KernelArgs& args) noexcept {
  const auto& plan = args.prepared_as<Plan>();
  const auto& a = args.attributes<Resize>();
  if (args.outputs[0].elements() == 0) return;
  if (args.inputs[0].elements() == 0) return args.control->fail("onnx.resize: an empty input has nothing to resize");
  const bool by_size = args.has(3) && args.inputs[3].elements() > 0;
  Tables tables;
  for (std::size_t d = 0; d < plan.rank; ++d) {
    const Axis& axis = plan.axes[d];
    auto* index = axis.index.in<std::int64_t>(args.scratch);
    auto* weight = axis.weight.in<float>(args.scratch);
    tables.index[d] = index;
    tables.weight[d] = weight;
    const std::int64_t k = plan.operand[d];
    tables.taps[d] = axis.taps;
    if (k < 0) {
      for (std::int64_t o = 0; o < axis.out; ++o) index[o] = o, weight[o] = 1.0F;
      continue;
    }
    const float scale = by_size ? static_cast<float>(axis.out) / static_cast<float>(axis.in) : args.in<float>(2)[k];
    const bool roi =
        args.has(1) && args.inputs[1].elements() == 2 * plan.operands && a.coordinates == Coordinates::tf_crop_and_resize;
    const auto corner = [&](std::int64_t i) { return float_at(args.inputs[1].data, args.inputs[1].type->storage(), i); };
    fill_axis(a, axis, scale, roi ? corner(k) : 0.0F, roi ? corner(plan.operands + k) : 1.0F, index, weight);
  }
  tables.outer = plan.rank;
  for (std::size_t d = plan.rank; d-- > 0;) {
    if (!stays(plan.axes[d], tables.index[d], tables.weight[d])) continue;
    tables.taps[d] = 1;
    if (tables.outer != d + 1) continue;
    tables.outer = d;
    tables.inner *= plan.axes[d].out;
  }
  if (a.mode != Mode::nearest) {
    switch (args.inputs[0].type->storage()) {
      case DType::int8: return interpolate<std::int8_t>(plan, args, tables);
      case DType::uint8: return interpolate<std::uint8_t>(plan, args, tables);
      case DType::int32: return interpolate<std::int32_t>(plan, args, tables);
      default: return interpolate<float>(plan, args, tables);
    }
  }
  const std::int64_t size = bits(args.inputs[0].type->storage()) / 8;
  each_run(plan, tables, args.outputs[0].elements(), [&](std::int64_t o, const std::array<std::int64_t, max_rank>& at) {
    std::int64_t from = 0;
    bool beyond = false;
    for (std::size_t d = 0; d < tables.outer; ++d) {
      beyond = beyond || tables.index[d][at[d]] == outside;
      from += tables.index[d][at[d]] * plan.axes[d].in_stride;
    }
    std::byte* to = args.outputs[0].data + o * size;
    if (!beyond)
      std::memcpy(to, args.inputs[0].data + from * size, static_cast<std::size_t>(tables.inner * size));
    else if (size == sizeof(float))
      std::fill_n(reinterpret_cast<float*>(to), tables.inner, a.extrapolation_value);
    else
      std::memset(to, 0, static_cast<std::size_t>(tables.inner * size));
  });
}

// resize_c6: whole bytes.
constexpr std::array kernels{
    kernel(DType::float32, run, prepare), kernel(DType::int8, run, prepare),    kernel(DType::uint8, run, prepare),
    kernel(DType::int32, run, prepare),   kernel(DType::int64, run, prepare),   kernel(DType::int16, run, prepare),
    kernel(DType::uint16, run, prepare),  kernel(DType::float16, run, prepare), kernel(DType::bfloat16, run, prepare),
    kernel(DType::float64, run, prepare), kernel(DType::boolean, run, prepare), kernel(DType::qint8, run, prepare),
    kernel(DType::quint8, run, prepare)};

}  // namespace

extern constexpr OpDef resize{.name = "onnx.resize",
                              .help =
                                  "Any axes brought to other sizes: the nearest element, or linear or cubic interpolation, by "
                                  "every coordinate convention of ONNX's "
                                  "Resize.",
                              .inputs = "input roi? scales? sizes?",
                              .exactness = Exactness::float_order,
                              .attributes = attribute_table<Resize>(attributes),
                              .infer = &infer,
                              .reference = kernels};

}  // namespace qgraph::ops::onnx
