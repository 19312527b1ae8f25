// Zeros in the shape and type of a tensor.
#include <algorithm>
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

/// The zero of a quantized type is its zero point.
template <class T>
void run_quantized(const KernelArgs& a) noexcept {
  std::fill_n(a.out<T>(), a.outputs[0].elements(), static_cast<T>(a.outputs[0].type->zero_point()));
}
void run(const KernelArgs& a) noexcept {
  if (a.outputs[0].bytes > 0) std::memset(a.outputs[0].data, 0, a.outputs[0].bytes);
}

Prepared prepare(PrepareContext& c) {
  if (bits(c.outputs[0].type->storage()) == 0 || c.outputs[0].type->quantized())
    return failure("QG4101", Cause::unsupported_dtype, "there are no zeros of " + std::string(name(c.outputs[0].type->dtype())));
  return std::shared_ptr<const void>();
}

constexpr std::array kernels{kernel(DType::qint8, run_quantized<std::int8_t>), kernel(DType::quint8, run_quantized<std::uint8_t>),
                             kernel(DType::qint16, run_quantized<std::int16_t>),
                             kernel(DType::qint32, run_quantized<std::int32_t>), kernel(DType::unknown, run, prepare)};

}  // namespace

extern constexpr OpDef zeros_like{
    .name = "zeros_like", .help = "Zeros in the shape and type of the input.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
