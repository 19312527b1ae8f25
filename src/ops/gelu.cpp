// gelu: x * Phi(x), Phi the normal distribution, or its approximation by tanh.
#include "ops/support/map_elements.hpp"

namespace qgraph::ops {
namespace {

struct Gelu {
  bool approximate = false;
};
constexpr std::array attributes{attr<&Gelu::approximate>("approximate", "by tanh instead of the error function")};

float exact(float x) noexcept { return 0.5F * x * std::erfc(x * -0.70710678118654752440F); }
float by_tanh(float x) noexcept {
  constexpr double root_2_over_pi = 0.79788456080286535588;
  return 0.5F * x * (1.0F + static_cast<float>(std::tanh(static_cast<float>(root_2_over_pi) * (x + 0.044715F * x * x * x))));
}

void run_float(const KernelArgs& args) noexcept {
  if (args.attributes<Gelu>().approximate)
    map_elements<float>(args, by_tanh);
  else
    map_elements<float>(args, exact);
}

template <class T>
Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  return prepare_table<T>(c, c.attributes<Gelu>().approximate ? by_tanh : exact);
}

constexpr std::array kernels{
    kernel(DType::float32, run_float),
    kernel(DType::qint8, run_byte_table, prepare<std::int8_t>),
    kernel(DType::quint8, run_byte_table, prepare<std::uint8_t>),
    kernel(DType::qint16, run_word_table, prepare<std::int16_t>),
};

}  // namespace

extern constexpr OpDef gelu{
    .name = "gelu",
    .help = "x times the normal distribution function of x; quantized by table. TensorFlow Lite's GELU, ONNX's Gelu.",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Gelu>(attributes),
    .infer = &infer_same,
    .reference = kernels};

}  // namespace qgraph::ops
