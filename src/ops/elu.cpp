// elu: x where x >= 0, else alpha * (exp(x) - 1).
#include "ops/support/map_elements.hpp"

namespace qgraph::ops {
namespace {

struct Elu {
  float alpha = 1.0F;
};
constexpr std::array attributes{attr<&Elu::alpha>("alpha", "factor below zero")};

float value(float x, float alpha) noexcept { return x < 0.0F ? alpha * std::expm1(x) : x; }

void run_float(const KernelArgs& args) noexcept {
  const float alpha = args.attributes<Elu>().alpha;
  map_elements<float>(args, [=](float x) { return value(x, alpha); });
}

template <class T>
Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const float alpha = c.attributes<Elu>().alpha;
  return prepare_table<T>(c, [=](float x) { return value(x, alpha); });
}

constexpr std::array kernels{
    kernel(DType::float32, run_float),
    kernel(DType::qint8, run_byte_table, prepare<std::int8_t>),
    kernel(DType::quint8, run_byte_table, prepare<std::uint8_t>),
    kernel(DType::qint16, run_word_table, prepare<std::int16_t>),
};

}  // namespace

extern constexpr OpDef elu{
    .name = "elu",
    .help = "x where x >= 0, else alpha * (exp(x) - 1); quantized by table. TensorFlow Lite's ELU (alpha 1), ONNX's Elu.",
    .attributes = attribute_table<Elu>(attributes),
    .infer = &infer_same,
    .reference = kernels};

}  // namespace qgraph::ops
