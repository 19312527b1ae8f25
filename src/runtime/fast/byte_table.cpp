// Functions of one 8-bit operand, element by element: the reference kernel runs once over all 256 values there are.
#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "kernels/table_s8/table_s8.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/memory.hpp"
#include "runtime/no_control.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t values = 256;
/// Fewer elements are not worth the making of a table.
constexpr std::int64_t fewest = 128;
constexpr std::int64_t elements_worth_splitting = 1 << 14;

struct ByteTable {
  std::array<std::uint8_t, values> bytes{};
  std::array<float, values> floats{};
  std::uint8_t flip = 0;
  bool flips = false;  ///< all that it does is to flip the bits of `flip`
  std::size_t operand = 0;
  kernels::TableS8Fn look_up = nullptr;
  ThreadPool* threads = nullptr;
};

void run_bytes(const KernelArgs& args) noexcept {
  const auto& table = args.prepared_as<ByteTable>();
  const std::int64_t n = args.outputs[0].elements();
  split_work(table.threads, parts_of(table.threads, n / elements_worth_splitting), [&](int part, int parts, int) noexcept {
    const Share mine = share(n, part, parts);
    const auto* in = args.in<std::uint8_t>(table.operand);
    auto* out = args.out<std::uint8_t>();
    if (table.flips)  // flip is a copy: what it stands in could be among the bytes written
      for (std::int64_t i = mine.begin, flip = table.flip; i < mine.end; ++i) out[i] = static_cast<std::uint8_t>(in[i] ^ flip);
    else
      table.look_up(table.bytes.data(), in + mine.begin, out + mine.begin, mine.end - mine.begin);
  });
}

void run_floats(const KernelArgs& args) noexcept {
  const auto& table = args.prepared_as<ByteTable>();
  const std::int64_t n = args.outputs[0].elements();
  split_work(table.threads, parts_of(table.threads, n / elements_worth_splitting), [&](int part, int parts, int) noexcept {
    const Share mine = share(n, part, parts);
    for (std::int64_t i = mine.begin; i < mine.end; ++i)
      args.out<float>()[i] = table.floats[args.in<std::uint8_t>(table.operand)[i]];
  });
}

bool per_tensor(const TensorType& type) { return !type.quantized() || type.quantization()->per_tensor(); }

/// The one operand that is not known; the others are constants of one element.
std::optional<std::size_t> varying_operand(const PrepareContext& context) {
  std::optional<std::size_t> varying;
  for (std::size_t i = 0; i < context.inputs.size(); ++i) {
    if (!context.has(i)) continue;
    if (context.constant(i)) {
      if (context.inputs[i].elements() != 1) return std::nullopt;
    } else {
      if (varying) return std::nullopt;
      varying = i;
    }
  }
  return varying;
}

}  // namespace

bool fast_byte_table(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const auto operand = varying_operand(context);
  if (!operand || context.outputs.size() != 1 || !context.outputs[0]) return false;
  const TensorType &in = *context.inputs[*operand].type, &out = *context.outputs[0].type;
  const bool to_float = out.dtype() == DType::float32;
  if (!in.quantized() || bits(in.storage()) != 8 || !per_tensor(in) || !per_tensor(out) ||
      !(to_float || (out.quantized() && bits(out.storage()) == 8)))
    return false;
  if (context.outputs[0].elements() != context.inputs[*operand].elements() || context.outputs[0].elements() < fewest)
    return false;

  // The same node, over all values.
  std::array<std::uint8_t, values> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  auto table = std::make_shared<ByteTable>();
  TensorType in_type = in, out_type = out, scalar_types[2];
  in_type.shape = out_type.shape = Shape{values};
  std::vector<View> inputs(context.inputs.begin(), context.inputs.end());
  if (inputs.size() > std::size(scalar_types)) return false;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i] || i == *operand) continue;
    scalar_types[i] = *inputs[i].type;
    scalar_types[i].shape = Shape{};
    inputs[i].type = &scalar_types[i];
  }
  inputs[*operand] = {.data = nullptr, .type = &in_type, .bytes = values};
  auto* result =
      to_float ? reinterpret_cast<std::byte*>(table->floats.data()) : reinterpret_cast<std::byte*>(table->bytes.data());
  View output{.data = nullptr, .type = &out_type, .bytes = to_float ? sizeof(table->floats) : sizeof(table->bytes)};
  PrepareContext small{.inputs = inputs, .outputs = {&output, 1}, .attribute_struct = context.attribute_struct};
  std::shared_ptr<const void> data;
  if (candidate.reference.prepare) {
    auto made = candidate.reference.prepare(small);
    if (!made) return false;
    data = *std::move(made);
  }
  Memory scratch;
  if (!scratch.reserve(small.scratch_bytes)) return false;
  inputs[*operand].data = reinterpret_cast<std::byte*>(all.data());
  output.data = result;
  NoControl control;
  candidate.reference.run({.inputs = inputs,
                           .outputs = {&output, 1},
                           .attribute_struct = context.attribute_struct,
                           .prepared = data.get(),
                           .scratch = scratch.data(),
                           .control = &control});
  if (control.failed) return false;
  table->flip = table->bytes[0];
  table->flips = !to_float && std::ranges::all_of(all, [&](std::uint8_t x) { return table->bytes[x] == (x ^ table->flip); });
  table->operand = *operand;
  const kernels::TableS8Kernel& kernel = kernels::table_s8(candidate.execution.cpu);
  table->look_up = kernel.run;
  table->threads = candidate.execution.threads;
  const bool looks_up = !to_float && !table->flips;
  prepared = {.run = to_float ? run_floats : run_bytes,
              .prepared_bytes = sizeof(ByteTable),
              .kernel = looks_up || to_float ? "table_s8" : "flip_s8",
              .instructions = looks_up ? kernel.name : nullptr};
  prepared.data = std::move(table);
  return true;
}

}  // namespace qgraph::runtime
