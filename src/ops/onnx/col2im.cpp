// col2im: ONNX's Col2Im: columns of blocks put back into an image, summed where blocks overlap.
#include <algorithm>

#include "ops/op_def.hpp"
#include "ops/support/coordinates.hpp"

namespace qgraph::ops::onnx {
namespace {

struct Col2Im {
  std::vector<std::int64_t> dilations{}, pads{}, strides{};
};
constexpr std::array attributes{
    attr<&Col2Im::dilations>("dilations", "distance of a block's elements; none: 1"),
    attr<&Col2Im::pads>("pads", "before each spatial dimension, then behind; none: 0"),
    attr<&Col2Im::strides>("strides", "distance of blocks; none: 1"),
};

struct Axis {
  std::int64_t image = 1, block = 1, dilation = 1, stride = 1, before = 0, count = 1;
};
/// Nothing where the lists do not fit each other.
std::optional<std::vector<Axis>> axes(const Col2Im& a, std::span<const std::int64_t> image, std::span<const std::int64_t> block) {
  const std::size_t n = image.size();
  const auto fits = [n](const auto& list, std::size_t of) { return list.empty() || list.size() == of * n; };
  if (n == 0 || n + 2 > max_rank || block.size() != n || !fits(a.dilations, 1) || !fits(a.strides, 1) || !fits(a.pads, 2))
    return std::nullopt;
  std::vector<Axis> out;
  for (std::size_t i = 0; i < n; ++i) {
    Axis x{.image = image[i], .block = block[i]};
    if (!a.dilations.empty()) x.dilation = a.dilations[i];
    if (!a.strides.empty()) x.stride = a.strides[i];
    std::int64_t after = 0;
    if (!a.pads.empty()) x.before = a.pads[i], after = a.pads[n + i];
    for (std::int64_t v : {x.image, x.block, x.dilation, x.stride})
      if (v < 1 || !sensible_dim(v)) return std::nullopt;
    if (!sensible_dim(x.before) || !sensible_dim(after)) return std::nullopt;
    const std::int64_t room = x.image + x.before + after - (x.dilation * (x.block - 1) + 1);
    if (room < 0) return std::nullopt;
    x.count = room / x.stride + 1;
    out.push_back(x);
  }
  return out;
}

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  if (in.ranked() && in.rank() != 3)
    return constraint("col2im_c1", "the input " + in.to_string() + " is not [batch,channels*block,blocks]");
  const auto image = c.integers(1), block = c.integers(2);
  if (!image || !block) {
    const auto n = vector_length(c, 1);
    return Types{TensorType(c.input(0).element, open_shape(n ? std::optional(*n + 2) : std::nullopt))};
  }
  const auto all = axes(c.attributes<Col2Im>(), *image, *block);
  if (!all)
    return constraint("col2im_c2", "image, block, strides, pads and dilations do not fit each other", Cause::invalid_attribute);
  std::optional<std::int64_t> elements = 1, blocks = 1;
  for (const Axis& x : *all) {
    elements = elements ? multiply_checked(*elements, x.block) : std::nullopt;
    blocks = blocks ? multiply_checked(*blocks, x.count) : std::nullopt;
  }
  if (!elements || !blocks || (in.ranked() && ((in[1] >= 0 && in[1] % *elements != 0) || (in[2] >= 0 && in[2] != *blocks))))
    return constraint("col2im_c3", "the input " + in.to_string() + " does not hold the blocks of this image");
  std::vector<std::int64_t> out{in.ranked() ? in[0] : Shape::dynamic,
                                in.ranked() && in[1] >= 0 ? in[1] / *elements : Shape::dynamic};
  out.insert(out.end(), image->begin(), image->end());
  return Types{TensorType(c.input(0).element, Shape(std::move(out)))};
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const Integers image = read_integers(args.inputs[1]), block = read_integers(args.inputs[2]);
  const auto all = axes(args.attributes<Col2Im>(), image.span(), block.span());
  if (!all) return args.control->fail("col2im: the operands do not fit");
  std::vector<std::int64_t> blocks, within, sizes;
  for (const Axis& x : *all) {
    blocks.push_back(x.count);
    within.push_back(x.block);
    sizes.push_back(x.image);
  }
  const Shape block_shape(within), count_shape(blocks), image_shape(sizes);
  const std::int64_t planes = in.dim(0) * out.dim(1), elements = product(block_shape, 0, within.size()), count = in.dim(2);
  const std::int64_t pixels = product(image_shape, 0, sizes.size());
  const auto strides = dense_strides(image_shape);
  with_number(in.type->storage(), [&]<class T>() {
    using C = Computed<T>;
    std::fill_n(out.as<T>(), out.elements(), T{});
    for (std::int64_t p = 0; p < planes; ++p)
      each_coordinate(block_shape, [&](std::int64_t e, const Coordinates& in_block) {
        each_coordinate(count_shape, [&](std::int64_t b, const Coordinates& at) {
          std::int64_t position = 0;
          for (std::size_t d = 0; d < all->size(); ++d) {
            const Axis& x = (*all)[d];
            const std::int64_t place = at[d] * x.stride + in_block[d] * x.dilation - x.before;
            if (place < 0 || place >= x.image) return true;
            position += place * strides[d];
          }
          T& to = out.as<T>()[p * pixels + position];
          to = T(static_cast<C>(static_cast<C>(to) + static_cast<C>(in.as<T>()[(p * elements + e) * count + b])));
          return true;
        });
        return true;
      });
  });
}

constexpr std::array kernels{kernel(DType::unknown, run, prepare_number)};
}  // namespace

extern constexpr OpDef col2im{
    .name = "onnx.col2im",
    .help = "Puts columns of blocks back where they stood in an image; elements that fall together are summed.",
    .inputs = "input image_shape block_shape",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Col2Im>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
