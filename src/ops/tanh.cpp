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

void run_int16(const KernelArgs& args) noexcept {
  const auto& table = args.prepared_as<SigmoidTable>();
  map_elements<std::int16_t>(args, [&](std::int16_t x) { return table.tanh(x); });
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
