// fused.binary: x op y between DequantizeLinear and QuantizeLinear.
#include <cmath>

#include "ops/support/binary.hpp"
#include "runtime/passes/fused.hpp"

namespace qgraph::runtime::passes {
namespace {

using Op = kernels::RealBinaryS8::Op;

Result<Types> infer(const InferContext& c) {
  const auto shape = broadcast(c.shape(0), c.shape(1));
  if (!shape || !c.declared().quantized() || c.input(0).storage() != c.input(1).storage())
    return constraint("fused_binary_c1", "operands of one storage that broadcast, and a quantized result");
  return Types{TensorType(c.declared().element, *shape)};
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  if (const Status s = check_scales(c, 2); !s) return s.error();
  const auto& a = c.attributes<FusedBinary>();
  const TensorType &x = *c.inputs[0].type, &y = *c.inputs[1].type, &out = *c.outputs[0].type;
  const auto zero_out = static_cast<std::int32_t>(out.zero_point());
  return std::shared_ptr<const void>(
      std::make_shared<RealBinary>(RealBinary{.binary = {.op = a.op,
                                                         .scale_x = x.scale(),
                                                         .scale_y = y.scale(),
                                                         .scale = out.scale(),
                                                         .zero_x = static_cast<std::int32_t>(x.zero_point()),
                                                         .zero_y = static_cast<std::int32_t>(y.zero_point()),
                                                         .zero_out = zero_out,
                                                         .low = a.low - zero_out,
                                                         .high = a.high - zero_out,
                                                         .is_signed = out.storage() == DType::int8},
                                              .loops = broadcast_of(c)}));
}

float combined(Op op, float x, float y) noexcept {
  switch (op) {
    case Op::difference: return x - y;
    case Op::product: return x * y;
    case Op::quotient: return x / y;
    case Op::maximum: return x > y ? x : y;
    case Op::minimum: return x < y ? x : y;
    default: return x + y;
  }
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<RealBinary>();
  const kernels::RealBinaryS8& b = p.binary;
  apply(p.loops, args.in<T>(0), args.in<T>(1), args.out<T>(), [&b](T x, T y) {
    const float real_x = b.scale_x * static_cast<float>(x - b.zero_x), real_y = b.scale_y * static_cast<float>(y - b.zero_y);
    const float q = std::nearbyint(combined(b.op, real_x, real_y) / b.scale);
    const float low = static_cast<float>(b.low), high = static_cast<float>(b.high);
    return static_cast<T>(static_cast<std::int32_t>(q > low ? std::min(q, high) : low) + b.zero_out);
  });
}

constexpr KernelDef kernels_of_bytes[] = {kernel(DType::qint8, run<std::int8_t>, prepare),
                                          kernel(DType::quint8, run<std::uint8_t>, prepare)};

}  // namespace

extern constexpr OpDef fused_binary{.name = "fused.binary",
                                    .help = "x op y of dequantized operands, quantized.",
                                    .inputs = "x y",
                                    .infer = &infer,
                                    .reference = kernels_of_bytes};

}  // namespace qgraph::runtime::passes
