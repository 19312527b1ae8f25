// quantize of float32 to 8 bits, per tensor.
#include "ops/quantize.hpp"

#include "kernels/quantize_s8/quantize_s8.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t elements_worth_splitting = 1 << 13;

struct Quantize {
  kernels::QuantizeS8 quantize{};
  kernels::QuantizeS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
};

void run(const KernelArgs& args) noexcept {
  const auto& q = args.prepared_as<Quantize>();
  const std::int64_t n = args.outputs[0].elements();
  split_work(q.threads, parts_of(q.threads, n / elements_worth_splitting), [&](int part, int parts, int) noexcept {
    const Share mine = share(n, part, parts);
    q.run(q.quantize, args.in<float>(0) + mine.begin, args.out<std::uint8_t>() + mine.begin, mine.end - mine.begin);
  });
}

}  // namespace

bool fast_quantize(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const kernels::QuantizeS8Kernel* kernel = kernels::quantize_s8(candidate.execution.cpu);
  const auto& a = context.attributes<ops::Quantize>();
  const TensorType& out = *context.outputs[0].type;
  if (!kernel || context.has(1) || context.inputs[0].type->dtype() != DType::float32 || a.precision != DType::float32)
    return false;
  if (a.rounding != ops::Ties::half_away && a.rounding != ops::Ties::half_even) return false;
  if ((out.storage() != DType::int8 && out.storage() != DType::uint8) || !out.quantized() || !out.quantization()->per_tensor())
    return false;
  const IntegerRange range = static_cast<const ops::QuantizeParameters*>(prepared.data.get())->range;
  if (out.zero_point() < range.min || out.zero_point() > range.max) return false;
  const std::int32_t offset = out.storage() == DType::uint8 ? 128 : 0;
  auto made = std::make_shared<Quantize>();
  made->quantize = {.scale = out.scale(),
                    .zero_point = static_cast<std::int32_t>(out.zero_point()) - offset,
                    .low = static_cast<std::int32_t>(range.min) - offset,
                    .high = static_cast<std::int32_t>(range.max) - offset,
                    .flip = static_cast<std::uint8_t>(offset),
                    .half_even = a.rounding == ops::Ties::half_even};
  made->run = kernel->run;
  made->threads = candidate.execution.threads;
  prepared = {.run = run, .prepared_bytes = sizeof(Quantize), .kernel = "quantize_s8", .instructions = kernel->name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
