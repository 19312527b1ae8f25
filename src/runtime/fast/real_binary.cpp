// add, sub and mul of bytes as ONNX Runtime has them, and what passes make of an op between DequantizeLinear and QuantizeLinear.
#include "kernels/real_binary_s8/real_binary_s8.hpp"
#include "ops/support/quantized_product.hpp"
#include "ops/support/quantized_sum.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/passes/fused.hpp"

namespace qgraph::runtime {
namespace {

using kernels::RealBinaryS8;
using passes::RealBinary;
constexpr std::int64_t elements_worth_splitting = 1 << 13;

struct Binary {
  RealBinary plan{};
  kernels::RealBinaryS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
};

/// The outermost loop is what parts share.
void run(const KernelArgs& args) noexcept {
  const auto& b = args.prepared_as<Binary>();
  const Broadcast<2>& loops = b.plan.loops;
  const auto& outer = loops.loops.front();
  const auto* x = args.in<std::uint8_t>(0);
  const auto* y = args.in<std::uint8_t>(1);
  split_work(b.threads, parts_of(b.threads, loops.elements / elements_worth_splitting), [&](int part, int parts, int) noexcept {
    const Share mine = share(outer.size, part, parts);
    std::uint8_t* out = args.out<std::uint8_t>() + loops.elements / outer.size * mine.begin;
    const auto row = [&](std::int64_t n, const std::array<std::int64_t, 2>& at, const std::array<std::int64_t, 2>& steps) {
      b.run(b.plan.binary, x + at[0], static_cast<int>(steps[0]), y + at[1], static_cast<int>(steps[1]), out, n);
      out += n;
    };
    if (loops.loops.size() == 1)
      return row(mine.end - mine.begin, {mine.begin * outer.strides[0], mine.begin * outer.strides[1]}, outer.strides);
    for (std::int64_t i = mine.begin; i < mine.end; ++i)
      detail::walk_from(loops, 1, {i * outer.strides[0], i * outer.strides[1]}, row);
  });
}

bool eight_bits(const Candidate& candidate) {
  const TensorType& type = *candidate.context.inputs[0].type;
  return type.quantized() && (type.storage() == DType::int8 || type.storage() == DType::uint8);
}

bool take_over(const Candidate& candidate, RealBinary plan, Prepared& prepared) {
  const kernels::RealBinaryS8Kernel* kernel = kernels::real_binary_s8(candidate.execution.cpu);
  if (!kernel || plan.loops.elements == 0) return false;
  const IntegerRange range = integer_range(candidate.context.inputs[0].type->storage());
  const auto& b = plan.binary;
  for (const TensorType* type :
       {candidate.context.inputs[0].type, candidate.context.inputs[1].type, candidate.context.outputs[0].type})
    if (type->zero_point() < range.min || type->zero_point() > range.max) return false;
  if (b.low + b.zero_out < range.min || b.high + b.zero_out > range.max || b.low > b.high) return false;
  prepared = {.run = run, .prepared_bytes = sizeof(Binary), .kernel = "real_binary_s8", .instructions = kernel->name};
  prepared.data =
      std::make_shared<Binary>(Binary{.plan = std::move(plan), .run = kernel->run, .threads = candidate.execution.threads});
  return true;
}

bool take_over_sum(const Candidate& candidate, float sign, Prepared& prepared) {
  if (!eight_bits(candidate)) return false;
  const auto& p = *static_cast<const QuantizedSum*>(prepared.data.get());
  if (p.path != QuantizedSum::Path::real) return false;
  RealBinary plan{.loops = p.loops};
  RealBinaryS8& b = plan.binary;
  b.op = RealBinaryS8::Op::fused_sum;
  b.scale_x = p.scale_x;
  b.scale_y = sign * p.scale_y;
  b.shift = static_cast<float>(p.zero_out) -
            multiply_add(p.scale_x, static_cast<float>(p.zero_x), b.scale_y * static_cast<float>(p.zero_y));
  b.low = p.low;
  b.high = p.high;
  b.is_signed = candidate.context.inputs[0].type->storage() == DType::int8;
  return take_over(candidate, std::move(plan), prepared);
}

}  // namespace

bool fast_real_sum(const Candidate& candidate, Prepared& prepared) { return take_over_sum(candidate, 1.0F, prepared); }
bool fast_real_difference(const Candidate& candidate, Prepared& prepared) { return take_over_sum(candidate, -1.0F, prepared); }

bool fast_real_product(const Candidate& candidate, Prepared& prepared) {
  if (!eight_bits(candidate)) return false;
  const auto& p = *static_cast<const QuantizedProduct*>(prepared.data.get());
  if (!p.real) return false;
  RealBinary plan{.loops = p.loops};
  plan.binary = {.op = RealBinaryS8::Op::scaled_product,
                 .scale = p.scale_x * p.scale_y / p.scale_out,
                 .shift = static_cast<float>(p.zero_out),
                 .zero_x = p.zero_x,
                 .zero_y = p.zero_y,
                 .low = p.low,
                 .high = p.high,
                 .is_signed = candidate.context.inputs[0].type->storage() == DType::int8};
  return take_over(candidate, std::move(plan), prepared);
}

bool fast_fused_binary(const Candidate& candidate, Prepared& prepared) {
  return take_over(candidate, *static_cast<const RealBinary*>(prepared.data.get()), prepared);
}

}  // namespace qgraph::runtime
