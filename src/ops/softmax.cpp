// softmax: exp(beta * x) over the sum of these along an axis.
#include "ops/softmax.hpp"

#include "ops/support/polynomials.hpp"
#include "ops/support/rows.hpp"
#include "ops/support/softmax_scaling.hpp"

namespace qgraph::ops {
namespace {

constexpr std::array attributes{attr<&Softmax::beta>("beta", "factor of the operand"),
                                attr<&Softmax::axis>("axis", "from the end where negative"),
                                attr<&Softmax::polynomial>("polynomial", polynomials::polynomial_doc)};

// softmax_c1: axis is one of the input's. Of 8-bit operands 16-bit results can be declared.
Result<Types> infer(const InferContext& c) {
  auto types = infer_along_axis<Softmax>(c, "softmax_c1");
  const TensorType declared = c.declared();
  const DType in = c.input(0).dtype();
  if (types && (in == DType::qint8 || in == DType::quint8) && declared.storage() == DType::int16)
    (*types)[0].element = declared.element;
  return types;
}

void run_float(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<Softmax>();
  const float* in = args.in<float>(0);
  float* out = args.out<float>();
  const Rows rows(args.inputs[0].shape(), a.axis);
  rows.each([&](std::int64_t first) {
    const auto at = [&](std::int64_t c) { return first + c * rows.inner; };
    float most = std::numeric_limits<float>::lowest(), sum = 0.0F;
    for (std::int64_t c = 0; c < rows.depth; ++c) most = std::max(most, in[at(c)]);
    if (a.polynomial) {
      for (std::int64_t c = 0; c < rows.depth; ++c) out[at(c)] = polynomials::exp(in[at(c)] - most);
      const float inverse = 1.0F / polynomials::sum_in_lanes(rows.depth, [&](std::int64_t c) { return out[at(c)]; });
      for (std::int64_t c = 0; c < rows.depth; ++c) out[at(c)] *= inverse;
      return;
    }
    for (std::int64_t c = 0; c < rows.depth; ++c) sum += out[at(c)] = std::exp((in[at(c)] - most) * a.beta);
    for (std::int64_t c = 0; c < rows.depth; ++c) out[at(c)] /= sum;
  });
}

/// exp of the difference -d, of which 8 bits allow 256; without integer bits.
struct Exponentials {
  std::array<std::int32_t, 256> values{}, parts{};  ///< parts: as they are summed
  std::int32_t least_difference = 0;
};

Result<std::shared_ptr<const void>> prepare_bytes(PrepareContext& c) {
  if (const Status s = check_scales(c, 1); !s) return s.error();
  const TensorType& out = *c.outputs[0].type;
  const SoftmaxScaling scaling(static_cast<double>(c.attributes<Softmax>().beta), static_cast<double>(c.inputs[0].type->scale()));
  const DType to = out.storage(), from = c.inputs[0].type->storage();
  if (to != from && to != DType::int16) return unsupported("softmax of 8 bits gives the same storage or int16");
  if (to == DType::int8 && (out.zero_point() != -128 || std::abs(out.scale() - 1.0F / 256) > 0.001F / 256))
    return unsupported("softmax to int8 needs an output scale of 1/256 and a zero point of -128", Cause::invalid_quantization);
  Exponentials p;
  p.least_difference = std::max(scaling.least_difference, -255);
  for (std::int32_t d = 0; d <= -p.least_difference; ++d) {
    const auto at = static_cast<std::size_t>(d);
    p.values[at] = scaling.exp(-d);
    p.parts[at] = fixed_point::rescale(p.values[at], 0, SoftmaxScaling::sum_bits);
  }
  return prepared(c, p);
}

/// One row; at(c) is where its element c lies.
template <class In, class Out, class At>
void run_row(const Exponentials& p, const In* in, Out* out, std::int64_t depth, const At& at) noexcept {
  In most = std::numeric_limits<In>::min();
  for (std::int64_t c = 0; c < depth; ++c) most = std::max(most, in[at(c)]);
  const auto below = [&](std::int64_t c) { return static_cast<std::size_t>(most - in[at(c)]); };
  std::int64_t exact = 0;  // no part is negative: a sum that saturates step by step ends at the same
  for (std::int64_t c = 0; c < depth; ++c) exact += p.parts[below(c)];
  const std::int32_t sum = fixed_point::saturate<std::int32_t>(exact);
  int bits_over_unit = 0;
  const std::int32_t scale = fixed_point::reciprocal(sum, SoftmaxScaling::sum_bits, bits_over_unit);
  const int exponent = std::clamp(bits_over_unit + 31 - static_cast<int>(sizeof(Out)) * 8, 0, 31);
  const auto result = [&](std::size_t d) {
    if (static_cast<std::int32_t>(d) > -p.least_difference) return std::numeric_limits<Out>::min();
    const std::int32_t q = rounding_shift_right(fixed_point::multiply(scale, p.values[d]), exponent);
    return static_cast<Out>(std::clamp(fixed_point::add(q, lowest<Out>()), lowest<Out>(), highest<Out>()));
  };
  if (depth < 256) {
    for (std::int64_t c = 0; c < depth; ++c) out[at(c)] = result(below(c));
    return;
  }
  std::array<Out, 256> results;
  for (std::size_t d = 0; d < results.size(); ++d) results[d] = result(d);
  for (std::int64_t c = 0; c < depth; ++c) out[at(c)] = results[below(c)];
}

template <class In, class Out>
void run_rows(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<Exponentials>();
  const In* in = args.in<In>(0);
  Out* out = args.out<Out>();
  const Rows rows(args.inputs[0].shape(), args.attributes<Softmax>().axis);
  rows.each([&](std::int64_t first) {
    if (rows.inner == 1)
      run_row(p, in + first, out + first, rows.depth, [](std::int64_t c) { return c; });
    else
      run_row(p, in + first, out + first, rows.depth, [&](std::int64_t c) { return c * rows.inner; });
  });
}

template <class In>
void run_bytes(const KernelArgs& args) noexcept {
  if (args.outputs[0].type->storage() == DType::int16)
    run_rows<In, std::int16_t>(args);
  else
    run_rows<In, In>(args);
}

struct Words {
  WordTable exp{}, reciprocal{};  ///< of [-10, 0]; 1 / (1 + x) for x in [0, 1]
  Multiplier multiplier{};
};

Result<std::shared_ptr<const void>> prepare_words(PrepareContext& c) {
  if (const Status s = check_scales(c, 1); !s) return s.error();
  const TensorType &in = *c.inputs[0].type, &out = *c.outputs[0].type;
  if (in.zero_point() != 0 || out.zero_point() != 0 || std::abs(out.scale() - 1.0F / 32768) > 0.001F / 32768)
    return unsupported("softmax of int16 needs an output scale of 1/32768 and zero points of 0", Cause::invalid_quantization);
  Words p;
  constexpr double range = 65535;
  p.exp = make_word_table<double>(10.0 / range, 32767, 2.0 / range, 0, [](double x) { return std::exp(x); });
  p.reciprocal = make_word_table<double>(1.0 / range, -32768, 2.0 / range, 0, [](double x) { return 1.0 / (1.0 + x); });
  p.multiplier = quantize_multiplier(static_cast<double>(in.scale() * c.attributes<Softmax>().beta) / (10.0 / range));
  return prepared(c, p);
}

void run_words(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<Words>();
  const auto* in = args.in<std::int16_t>(0);
  auto* out = args.out<std::int16_t>();
  const Rows rows(args.inputs[0].shape(), args.attributes<Softmax>().axis);
  rows.each([&](std::int64_t first) {
    const auto at = [&](std::int64_t c) { return first + c * rows.inner; };
    std::int16_t most = std::numeric_limits<std::int16_t>::min();
    for (std::int64_t c = 0; c < rows.depth; ++c) most = std::max(most, in[at(c)]);
    std::int32_t sum = 0;  // 15 fraction bits
    for (std::int64_t c = 0; c < rows.depth; ++c) {
      const std::int32_t scaled = fixed_point::add(multiply(std::int32_t{in[at(c)]} - most, p.multiplier), 32767);
      sum = fixed_point::add<std::int32_t>(sum, out[at(c)] = look_up(fixed_point::saturate<std::int16_t>(scaled), p.exp));
    }
    const int leading = std::countl_zero(static_cast<std::uint32_t>(sum));
    if (leading == 0 || leading > 30) return;  // over 65535 rows of the maximum, or nothing
    const std::int64_t normal = ((std::int64_t{sum} << (leading - 1)) + (1 << 13)) >> 14;
    const std::int16_t x = fixed_point::saturate<std::int16_t>(normal - ((1 << 15) + (1 << 16)));
    const std::int64_t scale = look_up(x, p.reciprocal);
    const int right = 31 - leading;
    for (std::int64_t c = 0; c < rows.depth; ++c) {
      const std::int64_t q = (out[at(c)] * scale + (std::int64_t{1} << (right - 1))) >> right;
      out[at(c)] = static_cast<std::int16_t>(std::clamp<std::int64_t>(q, 0, 32767));
    }
  });
}

constexpr std::array kernels{
    kernel(DType::float32, run_float),
    kernel(DType::qint8, run_bytes<std::int8_t>, prepare_bytes),
    kernel(DType::quint8, run_bytes<std::uint8_t>, prepare_bytes),
    kernel(DType::qint16, run_words, prepare_words),
};

}  // namespace

extern constexpr OpDef softmax{
    .name = "softmax",
    .help = "exp(beta * x) over the sum of these along an axis; quantized in fixed point. TensorFlow Lite's SOFTMAX.",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Softmax>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
