// resize_bilinear: an image of another size, interpolated between the four pixels around. As TensorFlow Lite's reference does:
// float32 and uint8 in float, int8 and int16 in fixed point with 10 fractional bits.
#include "ops/support/bilinear.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  if (c.attributes<Resize>().coordinates == Coordinates::align_corners_half_pixel)
    return constraint("resize_bilinear_c1", "aligned corners and half pixel centers exclude each other",
                      Cause::invalid_attribute);
  return infer_resize(c, "resize_bilinear_c2", false);
}

/// Of one output pixel: where its four input pixels begin, and their weights.
template <class Weight>
struct Corners {
  std::int64_t top_left, bottom_left, top_right, bottom_right;
  BilinearPlace<Weight> v, h;
};

/// Calls pixel(first output element, corners) for every output pixel. `columns`: room for the places of a line.
template <class Weight, class PlaceAt, class Pixel>
void each_pixel(const ImageShape& in, const ImageShape& out, const PlaceAt& y_place, const PlaceAt& x_place,
                BilinearPlace<Weight>* columns, const Pixel& pixel) noexcept {
  for (std::int64_t x = 0; x < out.width; ++x) columns[x] = x_place(x, in.width);
  std::int64_t at = 0;
  for (std::int64_t b = 0; b < out.batches; ++b)
    for (std::int64_t y = 0; y < out.height; ++y) {
      const BilinearPlace<Weight> v = y_place(y, in.height);
      const std::int64_t top = (b * in.height + v.low) * in.width, bottom = (b * in.height + v.high) * in.width;
      for (std::int64_t x = 0; x < out.width; ++x, at += out.depth) {
        const BilinearPlace<Weight>& h = columns[x];
        pixel(at, Corners<Weight>{(top + h.low) * in.depth, (bottom + h.low) * in.depth, (top + h.high) * in.depth,
                                  (bottom + h.high) * in.depth, v, h});
      }
    }
}

template <class T>
void run_float(const KernelArgs& args) noexcept {
  const Resize& a = args.attributes<Resize>();
  const ImageShape in = image_shape(args.inputs[0].shape(), a.layout), out = image_shape(args.outputs[0].shape(), a.layout);
  const T* x = args.in<const T>(0);
  T* result = args.out<T>();
  constexpr float rounding = std::is_integral_v<T> ? 0.5F : 0.0F;
  const auto place_with = [&](float scale) {
    return [c = a.coordinates, scale](std::int64_t i, std::int64_t size) { return float_place(c, i, size, scale); };
  };
  const std::int64_t depth = out.depth;
  each_pixel<float>(in, out, place_with(resize_scale(a.coordinates, in.height, out.height)),
                    place_with(resize_scale(a.coordinates, in.width, out.width)),
                    reinterpret_cast<BilinearPlace<float>*>(args.scratch), [=](std::int64_t at, const Corners<float> k) {
                      const T *ll = x + k.top_left, *hl = x + k.bottom_left, *lh = x + k.top_right, *hh = x + k.bottom_right;
                      const float v0 = k.v.rest, v1 = k.v.fraction, h0 = k.h.rest, h1 = k.h.fraction;
                      T* to = result + at;
                      for (std::int64_t c = 0; c < depth; ++c)
                        to[c] =
                            static_cast<T>(static_cast<float>(ll[c]) * v0 * h0 + static_cast<float>(hl[c]) * v1 * h0 +
                                           static_cast<float>(lh[c]) * v0 * h1 + static_cast<float>(hh[c]) * v1 * h1 + rounding);
                    });
}

template <class T>
void run_fixed(const KernelArgs& args) noexcept {
  const Resize& a = args.attributes<Resize>();
  const ImageShape in = image_shape(args.inputs[0].shape(), a.layout), out = image_shape(args.outputs[0].shape(), a.layout);
  const T* x = args.in<const T>(0);
  T* result = args.out<T>();
  const auto place_with = [&](std::int64_t scale) {
    return [c = a.coordinates, scale](std::int64_t i, std::int64_t size) { return fixed_place(c, i, size, scale); };
  };
  const std::int64_t depth = out.depth;
  each_pixel<std::int64_t>(
      in, out, place_with(fixed_scale(a.coordinates, in.height, out.height)),
      place_with(fixed_scale(a.coordinates, in.width, out.width)), reinterpret_cast<BilinearPlace<std::int64_t>*>(args.scratch),
      [=](std::int64_t at, const Corners<std::int64_t> k) {
        for (std::int64_t c = 0; c < depth; ++c) {
          const std::int64_t sum = x[k.top_left + c] * k.v.rest * k.h.rest + x[k.bottom_left + c] * k.v.fraction * k.h.rest +
                                   x[k.top_right + c] * k.v.rest * k.h.fraction +
                                   x[k.bottom_right + c] * k.v.fraction * k.h.fraction;
          constexpr std::int64_t whole = fixed_one * fixed_one;
          result[at + c] = static_cast<T>((sum + (sum > 0 ? whole / 2 : -(whole / 2))) / whole);
        }
      });
}

template <class Weight>
Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const ImageShape out = image_shape(c.outputs[0].shape(), c.attributes<Resize>().layout);
  c.scratch_bytes = static_cast<std::size_t>(out.width) * sizeof(BilinearPlace<Weight>);
  return std::shared_ptr<const void>{};
}

constexpr std::array kernels{
    kernel(DType::float32, run_float<float>, prepare<float>),
    kernel(DType::uint8, run_float<std::uint8_t>, prepare<float>),
    kernel(DType::quint8, run_float<std::uint8_t>, prepare<float>),
    kernel(DType::int8, run_fixed<std::int8_t>, prepare<std::int64_t>),
    kernel(DType::qint8, run_fixed<std::int8_t>, prepare<std::int64_t>),
    kernel(DType::int16, run_fixed<std::int16_t>, prepare<std::int64_t>),
    kernel(DType::qint16, run_fixed<std::int16_t>, prepare<std::int64_t>),
};
}  // namespace

extern constexpr OpDef resize_bilinear{
    .name = "resize_bilinear",
    .help = "An image of the given height and width, interpolated bilinearly. Integers are interpolated as stored.",
    .inputs = "input size",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Resize>(resize_attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
