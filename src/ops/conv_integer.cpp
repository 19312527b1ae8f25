// conv_integer: convolution of plain integers, zero points being operands.
#include "ops/conv_2d.hpp"
#include "ops/op_def.hpp"
#include "ops/support/unpack_sub_byte.hpp"

namespace qgraph::ops {
namespace {

using A = Conv2d;
constexpr std::array rows{
    attr<&A::stride_h>("stride_h", "rows between windows"),
    attr<&A::stride_w>("stride_w", "columns between windows"),
    attr<&A::dilation_h>("dilation_h", "rows between taps"),
    attr<&A::dilation_w>("dilation_w", "columns between taps"),
    attr<&A::padding>("padding", "how the border is filled; what lies there counts as the zero point"),
    attr<&A::pad_top>("pad_top", "rows before, where padding is explicit"),
    attr<&A::pad_left>("pad_left", "columns before"),
    attr<&A::pad_bottom>("pad_bottom", "rows behind"),
    attr<&A::pad_right>("pad_right", "columns behind"),
    attr<&A::groups>("groups", "groups of channels; 0: input channels / weights' input channels"),
    attr<&A::layout>("layout", "of input and output"),
    attr<&A::filter_layout>("filter_layout", "of the weights"),
};

// conv_integer_c1..c5: those of conv_2d's shapes; c6: int8 or uint8; c7: one zero point of the input, one or one per output
// channel of the weights.
Result<Types> infer(const InferContext& c) {
  const ConvParameters p = c.attributes<A>().parameters();
  auto shape = conv_output_shape("conv_integer", p, c.shape(0), c.shape(1));
  if (!shape) return std::move(shape).error();
  for (std::size_t i : {std::size_t{0}, std::size_t{1}})
    if (const DType d = c.input(i).dtype(); d != DType::int8 && d != DType::uint8)
      return constraint("conv_integer_c6", "operands are int8 or uint8, not " + std::string(name(d)), Cause::unsupported_dtype);
  const auto count = [&](std::size_t i) { return c.has(i) ? c.shape(i).elements().value_or(1) : 1; };
  const std::int64_t channels = shape->ranked() ? (*shape)[channel_axis(p)] : -1;
  if (count(2) != 1 || (count(3) != 1 && channels >= 0 && count(3) != channels))
    return constraint("conv_integer_c7", "zero points are one of the input, and one or one per output channel of the weights",
                      Cause::inconsistent_quantization);
  return Types{TensorType(DType::int32, std::move(*shape))};
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  return std::shared_ptr<const void>(std::make_shared<const ConvGeometry>(
      conv_geometry(c.attributes<A>().parameters(), c.inputs[0].shape(), c.inputs[1].shape(), c.outputs[0].shape(), false)));
}

template <class X, class W>
void run(const KernelArgs& args) noexcept {
  const auto& g = args.prepared_as<ConvGeometry>();
  const auto zero = [&](std::size_t operand, std::int64_t i) {
    const View& v = args.inputs[operand];
    return static_cast<std::int32_t>(integer_at(v.data, v.type->storage(), v.elements() == 1 ? 0 : i));
  };
  const std::int32_t input_zero = args.has(2) ? zero(2, 0) : 0;
  const W* weights = args.in<W>(1);
  auto* output = args.out<std::int32_t>();
  for (std::int64_t b = 0; b < g.batch; ++b)
    for (std::int64_t o = 0; o < g.channels_out(); ++o) {
      const std::int64_t group = o / g.group_out;
      const X* from = args.in<X>(0) + b * g.input.batch + group * g.group_in * g.input.channel;
      const W* filter = weights + group * g.weights_group + o % g.group_out * g.weights_out;
      const std::int32_t weight_zero = args.has(3) ? zero(3, o) : 0;
      for (std::int64_t y = 0; y < g.out[1]; ++y)
        for (std::int64_t x = 0; x < g.out[2]; ++x) {
          std::uint32_t sum = 0;
          for (std::int64_t fy = 0; fy < g.filter[1]; ++fy) {
            const std::int64_t iy = y * g.stride[1] - g.pad[1] + fy * g.dilation[1];
            if (iy < 0 || iy >= g.in[1]) continue;
            for (std::int64_t fx = 0; fx < g.filter[2]; ++fx) {
              const std::int64_t ix = x * g.stride[2] - g.pad[2] + fx * g.dilation[2];
              if (ix < 0 || ix >= g.in[2]) continue;
              const X* in = from + iy * g.input.spatial[1] + ix * g.input.spatial[2];
              const W* w = filter + fy * g.weights_spatial[1] + fx * g.weights_spatial[2];
              for (std::int64_t i = 0; i < g.group_in; ++i)
                sum += static_cast<std::uint32_t>((in[i * g.input.channel] - input_zero) * (w[i * g.weights_in] - weight_zero));
            }
          }
          output[b * g.output.batch + o * g.output.channel + y * g.output.spatial[1] + x * g.output.spatial[2]] =
              static_cast<std::int32_t>(sum);
        }
    }
}

constexpr std::array kernels{
    kernel(DType::uint8, DType::uint8, run<std::uint8_t, std::uint8_t>, prepare),
    kernel(DType::uint8, DType::int8, run<std::uint8_t, std::int8_t>, prepare),
    kernel(DType::int8, DType::uint8, run<std::int8_t, std::uint8_t>, prepare),
    kernel(DType::int8, DType::int8, run<std::int8_t, std::int8_t>, prepare),
};

}  // namespace

extern constexpr OpDef conv_integer{.name = "conv_integer",
                                    .help =
                                        "Two-dimensional convolution of (input - its zero point) with (weights - theirs); int32. "
                                        "The zero points may be computed at "
                                        "run time. ONNX's ConvInteger.",
                                    .inputs = "input weights input_zero_point? weights_zero_point?",
                                    .attributes = attribute_table<A>(rows),
                                    .infer = &infer,
                                    .reference = kernels};

}  // namespace qgraph::ops
