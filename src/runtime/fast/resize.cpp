// resize_bilinear of bytes with channels last.
#include <cmath>

#include "kernels/resize_s8/resize_s8.hpp"
#include "ops/support/bilinear.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {
namespace {

using kernels::ResizeLine;
using ops::BilinearPlace;
constexpr std::int64_t elements_worth_splitting = 1 << 14;
constexpr std::int64_t fewest_channels = 4;  ///< a pixel has a vector of its own

template <class Weight>
struct Bilinear {
  std::vector<BilinearPlace<Weight>> lines{};
  std::vector<std::int32_t> left{}, right{};
  std::vector<Weight> rest{}, fraction{};
  ResizeLine<Weight> line{};
  ops::ImageShape in{}, out{};
  std::size_t work_bytes = 0;  ///< of a worker
  ThreadPool* threads = nullptr;
  int parts = 1;
  const kernels::ResizeKernel* kernel = nullptr;
};

void run_line(const Bilinear<float>& b, const std::uint8_t* top, const std::uint8_t* bottom, const BilinearPlace<float>& v,
              std::byte* work, std::uint8_t* out) noexcept {
  b.kernel->run_u8(b.line, top, bottom, v.rest, v.fraction, reinterpret_cast<float*>(work), out);
}
void run_line(const Bilinear<std::int32_t>& b, const std::uint8_t* top, const std::uint8_t* bottom,
              const BilinearPlace<std::int32_t>& v, std::byte* work, std::uint8_t* out) noexcept {
  b.kernel->run_s8(b.line, reinterpret_cast<const std::int8_t*>(top), reinterpret_cast<const std::int8_t*>(bottom), v.rest,
                   v.fraction, reinterpret_cast<std::int32_t*>(work), reinterpret_cast<std::int8_t*>(out));
}

template <class Weight>
void run(const KernelArgs& args) noexcept {
  const auto& b = args.prepared_as<Bilinear<Weight>>();
  split_work(b.threads, b.parts, [&](int part, int parts, int worker) noexcept {
    const Share mine = share(b.out.batches * b.out.height, part, parts);
    for (std::int64_t line = mine.begin; line < mine.end; ++line) {
      const auto& v = b.lines[static_cast<std::size_t>(line % b.out.height)];
      const auto* image = args.in<std::uint8_t>(0) + line / b.out.height * b.in.height * b.line.elements;
      run_line(b, image + v.low * b.line.elements, image + v.high * b.line.elements, v,
               args.scratch + static_cast<std::size_t>(worker) * b.work_bytes,
               args.out<std::uint8_t>() + line * b.out.width * b.out.depth);
    }
  });
}

/// place(i, input size, output size). False: a weight does not fit.
template <class Weight, class PlaceAt>
bool fill(Bilinear<Weight>& b, const PlaceAt& place) {
  for (std::int64_t y = 0; y < b.out.height; ++y) b.lines.push_back(place(y, b.in.height, b.out.height));
  for (std::int64_t x = 0; x < b.out.width; ++x) {
    const BilinearPlace<Weight> h = place(x, b.in.width, b.out.width);
    b.left.push_back(static_cast<std::int32_t>(h.low * b.in.depth));
    b.right.push_back(static_cast<std::int32_t>(h.high * b.in.depth));
    b.rest.push_back(h.rest);
    b.fraction.push_back(h.fraction);
  }
  // The four products of an integer sum stay below 2^31.
  const auto fits = [](Weight w) { return !std::is_integral_v<Weight> || (w >= -2048 && w <= 2048); };
  return std::ranges::all_of(b.lines, [&](const auto& v) { return fits(v.rest) && fits(v.fraction); }) &&
         std::ranges::all_of(b.rest, fits) && std::ranges::all_of(b.fraction, fits);
}

template <class Weight, class PlaceAt>
bool take_over(const Candidate& candidate, const kernels::ResizeKernel& kernel, const PlaceAt& place, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const auto layout = context.attributes<ops::Resize>().layout;
  auto made = std::make_shared<Bilinear<Weight>>();
  made->in = ops::image_shape(context.inputs[0].shape(), layout);
  made->out = ops::image_shape(context.outputs[0].shape(), layout);
  const std::int64_t elements = made->in.width * made->in.depth;
  const bool narrow = fewest_channels > made->out.depth;
  if (narrow || context.inputs[0].elements() == 0 || context.outputs[0].elements() == 0 || elements > (1 << 26) ||
      !fill(*made, place))
    return false;
  made->line = {.left = made->left.data(),
                .right = made->right.data(),
                .rest = made->rest.data(),
                .fraction = made->fraction.data(),
                .columns = made->out.width,
                .depth = made->out.depth,
                .elements = elements};
  made->work_bytes = (static_cast<std::size_t>(2 * elements) * sizeof(Weight) + 127) / 64 * 64;
  made->threads = candidate.execution.threads;
  made->parts = parts_of(made->threads, context.outputs[0].elements() / elements_worth_splitting);
  made->kernel = &kernel;
  const int workers = made->threads ? made->threads->workers() : 1;
  prepared = {.run = run<Weight>,
              .scratch_bytes = static_cast<std::size_t>(workers) * made->work_bytes,
              .prepared_bytes = sizeof(*made) + made->left.size() * 16 + made->lines.size() * sizeof(BilinearPlace<Weight>),
              .kernel = "resize_s8",
              .instructions = kernel.name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace

bool fast_resize_bilinear(const Candidate& candidate, Prepared& prepared) {
  const kernels::ResizeKernel* kernel = kernels::resize_s8(candidate.execution.cpu);
  const DType storage = candidate.context.inputs[0].type->storage();
  const auto c = candidate.context.attributes<ops::Resize>().coordinates;
  if (!kernel) return false;
  if (storage == DType::uint8)
    return take_over<float>(
        candidate, *kernel,
        [&](std::int64_t i, std::int64_t in, std::int64_t out) {
          return ops::float_place(c, i, in, ops::resize_scale(c, in, out));
        },
        prepared);
  if (storage == DType::int8)
    return take_over<std::int32_t>(
        candidate, *kernel,
        [&](std::int64_t i, std::int64_t in, std::int64_t out) {
          const auto place = ops::fixed_place(c, i, in, ops::fixed_scale(c, in, out));
          const auto weight = [](std::int64_t w) { return static_cast<std::int32_t>(std::clamp<std::int64_t>(w, -4096, 4096)); };
          return BilinearPlace<std::int32_t>{place.low, place.high, weight(place.fraction), weight(place.rest)};
        },
        prepared);
  return false;
}

}  // namespace qgraph::runtime
