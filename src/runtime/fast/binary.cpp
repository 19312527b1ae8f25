// add, sub and mul of 8-bit operands, broadcast in any way.
#include <algorithm>
#include <optional>

#include "kernels/binary_s8/binary_s8.hpp"
#include "ops/support/quantized_difference.hpp"
#include "ops/support/quantized_product.hpp"
#include "ops/support/quantized_sum.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {
namespace {

using kernels::BinaryS8;
constexpr std::int64_t elements_worth_splitting = 1 << 13;

/// Rows of few elements that meet the same row each time (a scale of each channel): copies of it, side by side, meet several at
/// once.
struct Repeated {
  int operand = 0;  ///< the one that is the same
  std::int64_t copies = 1;
};
constexpr std::int64_t short_row = 64, copied_elements = 512;

std::optional<Repeated> repeated_row(const Broadcast<2>& loops) {
  if (loops.loops.size() != 2) return std::nullopt;
  const auto &rows = loops.loops[0], &row = loops.loops[1];
  if (row.size >= short_row || row.strides[0] != 1 || row.strides[1] != 1) return std::nullopt;
  for (int k : {0, 1})
    if (rows.strides[static_cast<std::size_t>(k)] == 0 && rows.strides[static_cast<std::size_t>(1 - k)] == row.size)
      return Repeated{k, std::min(rows.size, copied_elements / row.size)};
  return std::nullopt;
}

struct Binary {
  BinaryS8 binary{};
  kernels::BinaryS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
  Broadcast<2> loops{};
  std::optional<Repeated> repeated{};
};

/// The outermost loop is what parts share.
void run(const KernelArgs& args) noexcept {
  const auto& b = args.prepared_as<Binary>();
  const auto& outer = b.loops.loops.front();
  const auto* x = args.in<std::uint8_t>(0);
  const auto* y = args.in<std::uint8_t>(1);
  if (b.loops.elements == 0) return;
  split_work(b.threads, parts_of(b.threads, b.loops.elements / elements_worth_splitting), [&](int part, int parts, int) noexcept {
    const Share mine = share(outer.size, part, parts);
    std::uint8_t* out = args.out<std::uint8_t>() + b.loops.elements / outer.size * mine.begin;
    const auto row = [&](std::int64_t n, const std::array<std::int64_t, 2>& at, const std::array<std::int64_t, 2>& steps) {
      b.run(b.binary, x + at[0], static_cast<int>(steps[0]), y + at[1], static_cast<int>(steps[1]), out, n);
      out += n;
    };
    if (b.loops.loops.size() == 1)
      return row(mine.end - mine.begin, {mine.begin * outer.strides[0], mine.begin * outer.strides[1]}, outer.strides);
    for (std::int64_t i = mine.begin; i < mine.end; ++i)
      detail::walk_from(b.loops, 1, {i * outer.strides[0], i * outer.strides[1]}, row);
  });
}

void run_repeated(const KernelArgs& args) noexcept {
  const auto& b = args.prepared_as<Binary>();
  const Repeated r = *b.repeated;
  const std::int64_t rows = b.loops.loops[0].size, n = b.loops.loops[1].size;
  auto* copies = reinterpret_cast<std::uint8_t*>(args.scratch);
  for (std::int64_t i = 0; i < r.copies; ++i)
    std::copy_n(args.in<std::uint8_t>(static_cast<std::size_t>(r.operand)), n, copies + i * n);
  split_work(b.threads, parts_of(b.threads, b.loops.elements / elements_worth_splitting), [&](int part, int parts, int) noexcept {
    const Share mine = share(rows, part, parts);
    for (std::int64_t row = mine.begin; row < mine.end; row += r.copies) {
      const auto* other = args.in<std::uint8_t>(static_cast<std::size_t>(1 - r.operand)) + row * n;
      b.run(b.binary, r.operand == 0 ? copies : other, 1, r.operand == 0 ? other : copies, 1, args.out<std::uint8_t>() + row * n,
            std::min(r.copies, mine.end - row) * n);
    }
  });
}

bool flip(Prepared& prepared, int operand, bool asked) {
  if (asked) return true;
  auto& b = prepared.own<Binary>().binary;
  (operand == 0 ? b.x : operand == 1 ? b.y : b.result).flip ^= 0x80;
  return true;
}

bool half(Multiplier m) { return m.value == 1 << 30 && m.shift == 0; }
bool shifts_right(Multiplier m) { return m.value > 0 && m.shift <= 0; }

BinaryS8::Operand operand(std::int32_t zero_point, Multiplier m) {
  return {.zero_point = zero_point,
          .scale = {.multiplier = m.value, .right = std::max(-m.shift, 0), .left = std::max(m.shift, 0), .half = half(m)}};
}

/// Zero points and limits are as stored; `binary` wants them around 0.
bool take_over(const Candidate& candidate, BinaryS8 binary, const Broadcast<2>& loops, Prepared& prepared) {
  const kernels::BinaryS8Kernel* kernel = kernels::binary_s8(candidate.execution.cpu);
  const DType storage = candidate.context.inputs[0].type->storage();
  if (!kernel || loops.elements == 0) return false;
  const IntegerRange range = integer_range(storage);
  const std::int32_t offset = storage == DType::uint8 ? 128 : 0;
  for (BinaryS8::Operand* o : {&binary.x, &binary.y, &binary.result}) {
    if (o->zero_point < range.min || o->zero_point > range.max) return false;
    o->zero_point -= offset;
    o->flip = static_cast<std::uint8_t>(offset);
  }
  binary.low -= offset;
  binary.high -= offset;
  auto made = std::make_shared<Binary>(
      Binary{.binary = binary, .run = kernel->run, .threads = candidate.execution.threads, .loops = loops});
  made->repeated = repeated_row(loops);
  prepared = {.run = made->repeated ? run_repeated : run,
              .scratch_bytes = made->repeated ? static_cast<std::size_t>(copied_elements) : 0,
              .prepared_bytes = sizeof(Binary),
              .kernel = "binary_s8",
              .instructions = kernel->name,
              .flip = flip};
  prepared.data = std::move(made);
  return true;
}

bool eight_bits(const Candidate& candidate) {
  const TensorType& type = *candidate.context.inputs[0].type;
  return type.quantized() && (type.storage() == DType::int8 || type.storage() == DType::uint8);
}

bool take_over_sum(const Candidate& candidate, BinaryS8::Op op, Prepared& prepared) {
  if (!eight_bits(candidate)) return false;
  const auto& p = *static_cast<const QuantizedSum*>(prepared.data.get());
  if (p.path != QuantizedSum::Path::general || p.left_shift != 20) return false;
  if (!shifts_right(p.x) || !shifts_right(p.y) || !shifts_right(p.out)) return false;
  const BinaryS8 binary{.op = op,
                        .x = operand(p.zero_x, p.x),
                        .y = operand(p.zero_y, p.y),
                        .result = operand(p.zero_out, p.out),
                        .low = p.low,
                        .high = p.high};
  return take_over(candidate, binary, Broadcast<2>(p.loops), prepared);
}

}  // namespace

bool fast_sum(const Candidate& candidate, Prepared& prepared) { return take_over_sum(candidate, BinaryS8::Op::sum, prepared); }
bool fast_difference(const Candidate& candidate, Prepared& prepared) {
  return take_over_sum(candidate, BinaryS8::Op::difference, prepared);
}

bool fast_product(const Candidate& candidate, Prepared& prepared) {
  if (!eight_bits(candidate)) return false;
  const auto& p = *static_cast<const QuantizedProduct*>(prepared.data.get());
  if (p.real || p.out.value <= 0) return false;
  const BinaryS8 binary{.op = BinaryS8::Op::product,
                        .x = operand(p.zero_x, {}),
                        .y = operand(p.zero_y, {}),
                        .result = operand(p.zero_out, p.out),
                        .low = p.low,
                        .high = p.high};
  return take_over(candidate, binary, Broadcast<2>(p.loops), prepared);
}

bool fast_squared_difference(const Candidate& candidate, Prepared& prepared) {
  if (!eight_bits(candidate)) return false;
  const auto& p = *static_cast<const QuantizedDifference*>(prepared.data.get());
  if (!shifts_right(p.x) || !shifts_right(p.y) || p.out.value <= 0) return false;
  const BinaryS8 binary{.op = BinaryS8::Op::squared_difference,
                        .x = operand(p.zero_x, p.x),
                        .y = operand(p.zero_y, p.y),
                        .result = operand(p.zero_out, p.out),
                        .low = p.low,
                        .high = p.high};
  return take_over(candidate, binary, Broadcast<2>(p.loops), prepared);
}

}  // namespace qgraph::runtime
