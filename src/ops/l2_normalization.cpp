// l2_normalization: rows divided by their Euclidean length.
#include "ops/support/fixed_point.hpp"
#include "ops/support/rows.hpp"

namespace qgraph::ops {
namespace {

struct L2Normalization {
  float epsilon = 1e-6F;
  std::int64_t axis = -1;
};
constexpr std::array attributes{attr<&L2Normalization::epsilon>("epsilon", "the least length; integers have none"),
                                attr<&L2Normalization::axis>("axis", "from the end where negative")};

// l2_normalization_c1: axis is one of the input's.
Result<Types> infer(const InferContext& c) { return infer_along_axis<L2Normalization>(c, "l2_normalization_c1"); }

void run_float(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<L2Normalization>();
  const float* in = args.in<float>(0);
  float* out = args.out<float>();
  const Rows rows(args.inputs[0].shape(), a.axis);
  rows.each([&](std::int64_t first) {
    float squares = 0.0F;
    for (std::int64_t c = 0; c < rows.depth; ++c) squares += in[first + c * rows.inner] * in[first + c * rows.inner];
    const float length = std::max(std::sqrt(squares), a.epsilon);
    for (std::int64_t c = 0; c < rows.depth; ++c) out[first + c * rows.inner] = in[first + c * rows.inner] / length;
  });
}

template <class T>
Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const TensorType& out = *c.outputs[0].type;
  constexpr int zero = std::is_signed_v<T> ? 0 : 128;
  if (out.scale() != 1.0F / 128 || out.zero_point() != zero)
    return unsupported("l2_normalization of 8 bits needs an output scale of 1/128 and zero in the middle",
                       Cause::invalid_quantization);
  return std::shared_ptr<const void>();
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const T* in = args.in<T>(0);
  T* out = args.out<T>();
  const auto zero_point = static_cast<std::int32_t>(args.inputs[0].type->zero_point());
  const Rows rows(args.inputs[0].shape(), args.attributes<L2Normalization>().axis);
  rows.each([&](std::int64_t first) {
    const auto real = [&](std::int64_t c) { return std::int32_t{in[first + c * rows.inner]} - zero_point; };
    std::int32_t squares = 0;
    for (std::int64_t c = 0; c < rows.depth; ++c) squares = fixed_point::add(squares, real(c) * real(c));
    Multiplier inverse = fixed_point::inverse_square_root(squares);
    // The factor 128 goes into the operand for uint8, into the exponent for int8: they round differently.
    if (std::is_signed_v<T>) inverse.shift += 7;
    for (std::int64_t c = 0; c < rows.depth; ++c) {
      const std::int32_t q = std::is_signed_v<T> ? multiply(real(c), inverse) : 128 + multiply(128 * real(c), inverse);
      out[first + c * rows.inner] = static_cast<T>(std::clamp(q, lowest<T>(), highest<T>()));
    }
  });
}

constexpr std::array kernels{
    kernel(DType::float32, run_float),
    kernel(DType::qint8, run<std::int8_t>, prepare<std::int8_t>),
    kernel(DType::quint8, run<std::uint8_t>, prepare<std::uint8_t>),
};

}  // namespace

extern constexpr OpDef l2_normalization{
    .name = "l2_normalization",
    .help =
        "x / max(sqrt(sum(x^2)), epsilon) along an axis. TensorFlow Lite's L2_NORMALIZATION, ONNX's LpNormalization with p 2.",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<L2Normalization>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
