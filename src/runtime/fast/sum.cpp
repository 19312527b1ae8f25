// add and sub of 8-bit operands of one shape.
#include "kernels/sum_s8/sum_s8.hpp"
#include "ops/support/quantized_sum.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t elements_worth_splitting = 1 << 13;

struct Sum {
  kernels::SumS8 sum{};
  kernels::SumS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
  std::int64_t elements = 0;
};

void run(const KernelArgs& args) noexcept {
  const auto& s = args.prepared_as<Sum>();
  split_work(s.threads, s.elements >= elements_worth_splitting, [&](int worker, int workers) noexcept {
    const Share mine = share(s.elements, worker, workers);
    s.run(s.sum, args.in<std::uint8_t>(0) + mine.begin, args.in<std::uint8_t>(1) + mine.begin, args.out<std::uint8_t>() + mine.begin,
          mine.end - mine.begin);
  });
}

bool half(Multiplier m) { return m.value == 1 << 30 && m.shift == 0; }
bool shifts_right(Multiplier m) { return m.value > 0 && m.shift < 0; }

bool take_over(const Candidate& candidate, bool subtracts, Prepared& prepared) {
  const kernels::SumS8Kernel* kernel = kernels::sum_s8(candidate.execution.cpu);
  const DType storage = candidate.context.inputs[0].type->storage();
  if (!kernel || !candidate.context.inputs[0].type->quantized() || bits(storage) != 8) return false;
  const auto& p = *static_cast<const QuantizedSum*>(prepared.data.get());
  if (p.path != QuantizedSum::Path::general || p.left_shift != 20) return false;
  if (p.loops.loops.size() != 1 || p.loops.loops[0].strides != std::array<std::int64_t, 2>{1, 1}) return false;
  if (!(half(p.x) || shifts_right(p.x)) || !(half(p.y) || shifts_right(p.y)) || !shifts_right(p.out)) return false;
  const IntegerRange range = integer_range(storage);
  for (std::int32_t zero_point : {p.zero_x, p.zero_y, p.zero_out})
    if (zero_point < range.min || zero_point > range.max) return false;
  const std::int32_t offset = storage == DType::uint8 ? 128 : 0;
  const auto operand = [&](std::int32_t zero_point, Multiplier m) {
    return kernels::SumS8::Operand{.zero_point = zero_point - offset, .multiplier = m.value, .shift = half(m) ? 0 : -m.shift - 1, .halves = half(m)};
  };
  auto made = std::make_shared<Sum>();
  made->sum = {.x = operand(p.zero_x, p.x),
               .y = operand(p.zero_y, p.y),
               .result = operand(p.zero_out, p.out),
               .low = p.low - offset,
               .high = p.high - offset,
               .flip = static_cast<std::uint8_t>(offset),
               .subtracts = subtracts};
  made->run = kernel->run;
  made->threads = candidate.execution.threads;
  made->elements = p.loops.elements;
  prepared = {.run = run, .prepared_bytes = sizeof(Sum)};
  prepared.data = std::move(made);
  return true;
}

}  // namespace

bool fast_sum(const Candidate& candidate, Prepared& prepared) { return take_over(candidate, false, prepared); }
bool fast_difference(const Candidate& candidate, Prepared& prepared) { return take_over(candidate, true, prepared); }

}  // namespace qgraph::runtime
