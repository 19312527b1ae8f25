// onnx.grid_sample: an image read at places that a grid gives, between -1 and 1.
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

enum class Mode : std::uint8_t { linear, nearest, cubic };
constexpr std::string_view mode_words[] = {"linear", "nearest", "cubic"};
constexpr std::span<const std::string_view> enum_words(Mode) { return mode_words; }
enum class Outside : std::uint8_t { zeros, border, reflection };
constexpr std::string_view outside_words[] = {"zeros", "border", "reflection"};
constexpr std::span<const std::string_view> enum_words(Outside) { return outside_words; }

struct GridSample {
  Mode mode = Mode::linear;
  Outside padding = Outside::zeros;
  bool align_corners = false;
};
constexpr std::array attributes{
    attr<&GridSample::mode>("mode", "interpolation between elements"), attr<&GridSample::padding>("padding", "what lies outside"),
    attr<&GridSample::align_corners>("align_corners", "-1 and 1 are centres of the corner elements, not their edges")};

// grid_sample_c1: x is [n,c,h,w] or [n,c,d,h,w], the grid [n,...,2 or 3] over the output's places; c2: as many images.
Result<Types> infer(const InferContext& c) {
  const Shape &x = c.shape(0), &grid = c.shape(1);
  if (!x.ranked() || !grid.ranked()) return Types{TensorType(c.input(0).element, Shape::unknown_rank())};
  if ((x.rank() != 4 && x.rank() != 5) || grid.rank() != x.rank() ||
      (grid[grid.rank() - 1] >= 0 && grid[grid.rank() - 1] != static_cast<std::int64_t>(x.rank()) - 2))
    return constraint("grid_sample_c1", "the grid " + grid.to_string() + " does not fit the input " + x.to_string());
  if (x[0] >= 0 && grid[0] >= 0 && x[0] != grid[0]) return constraint("grid_sample_c2", "there is not a grid for each image");
  Shape out = x;
  for (std::size_t i = 2; i < x.rank(); ++i) out[i] = grid[i - 1];
  return Types{TensorType(c.input(0).element, out)};
}

struct Axis {
  std::int64_t size = 1, stride = 1;
  float low = 0, high = 0;  ///< where reflection turns
};

float reflected(float x, const Axis& axis) noexcept {
  const float range = axis.high - axis.low;
  if (!(range > 0) || !std::isfinite(x)) return 0.0F;
  const float distance = std::fmod(std::abs(x - axis.low), 2 * range);
  return axis.low + (distance <= range ? distance : 2 * range - distance);
}

/// An element index along an axis, or -1 where nothing lies there.
std::int64_t element(const GridSample& a, const Axis& axis, float i) noexcept {
  if (a.padding == Outside::reflection && (i < 0 || i > static_cast<float>(axis.size - 1))) i = std::round(reflected(i, axis));
  if (a.padding == Outside::zeros && !(i >= 0 && i <= static_cast<float>(axis.size - 1))) return -1;
  const float inside = std::clamp(i, 0.0F, static_cast<float>(axis.size - 1));
  return std::isnan(inside) ? 0 : static_cast<std::int64_t>(inside);
}

float cubic(float d) noexcept {
  constexpr float k = -0.75F;
  d = std::abs(d);
  if (d <= 1.0F) return ((k + 2.0F) * d - (k + 3.0F)) * d * d + 1.0F;
  return d < 2.0F ? k * (((d - 5.0F) * d + 8.0F) * d - 4.0F) : 0.0F;
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<GridSample>();
  const Shape &shape = args.inputs[0].shape(), &out_shape = args.outputs[0].shape();
  const std::size_t spatial = shape.rank() - 2;
  std::array<Axis, 3> axes{};
  std::int64_t image = 1, places = 1;
  for (std::size_t k = spatial; k-- > 0;) {
    Axis& axis = axes[k];
    axis.size = shape[k + 2];
    axis.stride = image;
    axis.low = a.align_corners ? 0.0F : -0.5F;
    axis.high = static_cast<float>(axis.size) - (a.align_corners ? 1.0F : 0.5F);
    image *= axis.size;
    places *= out_shape[k + 2];
  }
  const std::int64_t channels = shape[1];
  float* out = args.out<float>();
  const std::int64_t taps = a.mode == Mode::nearest ? 1 : a.mode == Mode::linear ? 2 : 4;
  for (std::int64_t b = 0; b < shape[0]; ++b)
    for (std::int64_t p = 0; p < places; ++p) {
      const float* grid = args.in<float>(1) + (b * places + p) * static_cast<std::int64_t>(spatial);
      std::array<std::array<std::int64_t, 4>, 3> index{};
      std::array<std::array<float, 4>, 3> weight{};
      for (std::size_t k = 0; k < spatial; ++k) {
        const Axis& axis = axes[k];
        const float g = grid[spatial - 1 - k], size = static_cast<float>(axis.size);  // x comes first, the last axis
        float at = a.align_corners ? (g + 1.0F) / 2.0F * (size - 1.0F) : ((g + 1.0F) * size - 1.0F) / 2.0F;
        if (a.mode == Mode::nearest) at = std::nearbyint(at);
        if (a.padding == Outside::border && a.mode != Mode::cubic) at = std::clamp(at, 0.0F, size - 1.0F);
        if (a.padding == Outside::reflection && a.mode != Mode::cubic) at = reflected(at, axis);
        if (a.padding == Outside::reflection && a.mode == Mode::nearest) at = std::clamp(std::nearbyint(at), 0.0F, size - 1.0F);
        const float floor = std::floor(at);
        for (std::int64_t t = 0; t < taps; ++t) {
          const float i = a.mode == Mode::nearest ? at : floor + static_cast<float>(t - (taps / 2 - 1));
          const auto s = static_cast<std::size_t>(t);
          index[k][s] = element(a, axis, i);
          weight[k][s] = a.mode == Mode::nearest ? 1.0F : a.mode == Mode::linear ? 1.0F - std::abs(at - i) : cubic(at - i);
        }
      }
      for (std::int64_t c = 0; c < channels; ++c) {
        const float* in = args.in<float>(0) + (b * channels + c) * image;
        float sum = 0;
        std::array<std::size_t, 3> t{};
        for (bool more = true; more;) {
          std::int64_t from = 0;
          float w = 1;
          bool inside = true;
          for (std::size_t k = spatial; k-- > 0;) {
            inside = inside && index[k][t[k]] >= 0;
            from += index[k][t[k]] * axes[k].stride;
            w *= weight[k][t[k]];
          }
          if (inside) sum += w * in[from];
          more = false;
          for (std::size_t k = spatial; k-- > 0 && !more;) {
            if (++t[k] < static_cast<std::size_t>(taps))
              more = true;
            else
              t[k] = 0;
          }
        }
        out[(b * channels + c) * places + p] = sum;
      }
    }
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  if (c.inputs[0].elements() == 0 && c.outputs[0].elements() != 0)
    return failure("QG4101", Cause::shape_mismatch, "grid_sample reads an input without elements");
  return std::shared_ptr<const void>();
}

constexpr std::array kernels{kernel(DType::float32, DType::float32, run, prepare)};

}  // namespace

extern constexpr OpDef grid_sample{.name = "onnx.grid_sample",
                                   .help =
                                       "The input at places that a grid gives relative to its size, interpolated. ONNX's "
                                       "GridSample in two and three dimensions.",
                                   .inputs = "input grid",
                                   .exactness = Exactness::float_order,
                                   .attributes = attribute_table<GridSample>(attributes),
                                   .infer = &infer,
                                   .reference = kernels};

}  // namespace qgraph::ops::onnx
