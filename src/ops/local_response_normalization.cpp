// local_response_normalization: each element divided by a power of the squares of its neighbours along an axis.
#include "ops/support/rows.hpp"

namespace qgraph::ops {
namespace {

struct LocalResponseNormalization {
  std::int64_t radius = 5;
  std::int64_t after = -1;
  float bias = 1.0F, alpha = 1.0F, beta = 0.5F;
  std::int64_t axis = -1;
};
using A = LocalResponseNormalization;
constexpr std::array attributes{attr<&A::radius>("radius", "neighbours before the element"),
                                attr<&A::after>("after", "neighbours behind it; -1: radius - 1, as TensorFlow Lite counts"),
                                attr<&A::bias>("bias", "added to the scaled sum"),
                                attr<&A::alpha>("alpha", "factor of the sum of squares"),
                                attr<&A::beta>("beta", "exponent"),
                                attr<&A::axis>("axis", "from the end where negative")};

// local_response_normalization_c1: axis is one of the input's; c2: radius >= 0.
Result<Types> infer(const InferContext& c) {
  if (c.attributes<A>().radius < 0)
    return constraint("local_response_normalization_c2", "radius is negative", Cause::invalid_attribute);
  return infer_along_axis<A>(c, "local_response_normalization_c1");
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<A>();
  const float* in = args.in<float>(0);
  float* out = args.out<float>();
  const Rows rows(args.inputs[0].shape(), a.axis);
  const std::int64_t before = std::min(a.radius, rows.depth);
  const std::int64_t after = std::min(a.after < 0 ? a.radius - 1 : a.after, rows.depth);
  rows.each([&](std::int64_t first) {
    for (std::int64_t c = 0; c < rows.depth; ++c) {
      float squares = 0.0F;
      for (std::int64_t k = std::max<std::int64_t>(0, c - before); k < std::min(rows.depth, c + after + 1); ++k)
        squares += in[first + k * rows.inner] * in[first + k * rows.inner];
      // The factor is computed in double, as the reference's parameters are.
      const double base = static_cast<double>(a.bias) + static_cast<double>(a.alpha) * static_cast<double>(squares);
      out[first + c * rows.inner] = in[first + c * rows.inner] * static_cast<float>(std::pow(base, -static_cast<double>(a.beta)));
    }
  });
}

constexpr std::array kernels{kernel(DType::float32, run)};

}  // namespace

extern constexpr OpDef local_response_normalization{
    .name = "local_response_normalization",
    .help =
        "x * (bias + alpha * sum of its neighbours' squares)^-beta. TensorFlow Lite's LOCAL_RESPONSE_NORMALIZATION, ONNX's LRN.",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<A>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
