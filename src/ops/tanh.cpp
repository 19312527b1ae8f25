// tanh: the hyperbolic tangent.
#include "ops/support/sigmoid_table.hpp"
#include "ops/support/map_elements.hpp"

namespace qgraph::ops {
namespace {

float value(float x) noexcept { return std::tanh(x); }

void run_float(const KernelArgs& args) noexcept { map_elements<float>(args, value); }
void run_small_float(const KernelArgs& args) noexcept { map_small_floats(args, value); }

template <class T>
Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  return prepare_table<T>(c, value);
}

Result<std::shared_ptr<const void>> prepare_int16(PrepareContext& c) { return prepare_sigmoid_table(c, 1); }

/// 2 * logistic(2 x) - 1.
void run_int16(const KernelArgs& args) noexcept {
  const auto& table = args.prepared_as<SigmoidTable>();
  map_elements<std::int16_t>(args, [&](std::int16_t stored) {
    const std::int32_t x = table.scaled(stored);
    const auto magnitude = static_cast<std::uint32_t>(std::abs(x));
    const std::size_t i = magnitude >> 8;
    std::int32_t result = 0xFFFF << 8;
    if (i < 255) {
      const std::uint32_t here = table.entries[i], next = table.entries[i + 1];
      result = static_cast<std::int32_t>((here << 8) + (magnitude & 0xFF) * (next - here));
    }
    result = x >= 0 ? result - (1 << 23) + (1 << 7) : -result + (1 << 23) + (1 << 7) - 1;
    return static_cast<std::int16_t>(result >> 8);
  });
}

constexpr std::array kernels{
    kernel(DType::float32, run_float),
    kernel(DType::float16, run_small_float),
    kernel(DType::bfloat16, run_small_float),
    kernel(DType::qint8, run_byte_table, prepare<std::int8_t>),
    kernel(DType::quint8, run_byte_table, prepare<std::uint8_t>),
    kernel(DType::qint16, run_int16, prepare_int16),
};

}  // namespace

extern constexpr OpDef tanh{.name = "tanh",
                            .help = "The hyperbolic tangent; quantized by table. TensorFlow Lite's TANH, ONNX's Tanh.",
                            .infer = &infer_same,
                            .reference = kernels};

}  // namespace qgraph::ops
