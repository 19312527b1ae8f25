// fused.table and fused.channel_table by the processor's own table lookup.
#include <numeric>

#include "kernels/channel_table_s8/channel_table_s8.hpp"
#include "kernels/table_s8/table_s8.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/passes/fused.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t elements_worth_splitting = 1 << 14;

struct Table {
  kernels::TableS8Fn look_up = nullptr;
  ThreadPool* threads = nullptr;
};

void run(const KernelArgs& args) noexcept {
  const auto& table = args.prepared_as<Table>();
  const auto* bytes = args.attributes<passes::FusedTable>().bytes.data();
  const std::int64_t n = args.outputs[0].elements();
  split_work(table.threads, parts_of(table.threads, n / elements_worth_splitting), [&](int part, int parts, int) noexcept {
    const Share mine = share(n, part, parts);
    table.look_up(bytes, args.in<std::uint8_t>(0) + mine.begin, args.out<std::uint8_t>() + mine.begin, mine.end - mine.begin);
  });
}

/// Where channels lie side by side: pixels that are few channels wide are joined, their tables repeated.
struct ChannelTable {
  kernels::ChannelTableS8Fn look_up = nullptr;
  std::vector<std::uint8_t> tables{};  ///< of joined pixels
  std::int64_t channels = 0;           ///< of joined pixels
  ThreadPool* threads = nullptr;
};

void run_channels(const KernelArgs& args) noexcept {
  const auto& table = args.prepared_as<ChannelTable>();
  const std::int64_t n = args.outputs[0].elements(), pixels = n / table.channels, left = n % table.channels;
  const auto* in = args.in<std::uint8_t>(0);
  auto* out = args.out<std::uint8_t>();
  split_work(table.threads, parts_of(table.threads, n / elements_worth_splitting), [&](int part, int parts, int) noexcept {
    const Share mine = share(pixels, part, parts);
    const std::int64_t at = mine.begin * table.channels;
    table.look_up(table.tables.data(), table.channels, in + at, out + at, mine.end - mine.begin);
  });
  if (left > 0) table.look_up(table.tables.data(), left, in + n - left, out + n - left, 1);
}

/// Where elements of one channel lie side by side.
void run_rows(const KernelArgs& args) noexcept {
  const auto& table = args.prepared_as<Table>();
  const auto& wanted = args.attributes<passes::FusedChannelTable>();
  const std::int64_t n = args.outputs[0].elements(), rows = n / wanted.inner;
  split_work(table.threads, parts_of(table.threads, n / elements_worth_splitting), [&](int part, int parts, int) noexcept {
    const Share mine = share(rows, part, parts);
    for (std::int64_t row = mine.begin; row < mine.end; ++row)
      table.look_up(wanted.bytes.data() + row % wanted.channels * 256, args.in<std::uint8_t>(0) + row * wanted.inner,
                    args.out<std::uint8_t>() + row * wanted.inner, wanted.inner);
  });
}

}  // namespace

bool fast_fused_channel_table(const Candidate& candidate, Prepared& prepared) {
  const auto& wanted = candidate.context.attributes<passes::FusedChannelTable>();
  if (wanted.inner > 1) {
    const kernels::TableS8Kernel& kernel = kernels::table_s8(candidate.execution.cpu);
    prepared = {.run = run_rows, .prepared_bytes = sizeof(Table), .kernel = "table_s8", .instructions = kernel.name};
    prepared.data = std::make_shared<Table>(Table{kernel.run, candidate.execution.threads});
    return true;
  }
  const kernels::ChannelTableS8Kernel& kernel = kernels::channel_table_s8(candidate.execution.cpu);
  auto made = std::make_shared<ChannelTable>();
  made->look_up = kernel.run;
  made->threads = candidate.execution.threads;
  constexpr std::int64_t most_joined_channels = 128;
  std::int64_t joined = 16 / std::gcd(wanted.channels, std::int64_t{16});
  if (joined * wanted.channels > most_joined_channels) joined = (15 + wanted.channels) / wanted.channels;
  made->channels = joined * wanted.channels;
  made->tables.reserve(static_cast<std::size_t>(made->channels) * 256);
  for (std::int64_t i = 0; i < joined; ++i) made->tables.insert(made->tables.end(), wanted.bytes.begin(), wanted.bytes.end());
  prepared = {
      .run = run_channels, .prepared_bytes = made->tables.size(), .kernel = "channel_table_s8", .instructions = kernel.name};
  prepared.data = std::move(made);
  return true;
}

bool fast_fused_table(const Candidate& candidate, Prepared& prepared) {
  const kernels::TableS8Kernel& kernel = kernels::table_s8(candidate.execution.cpu);
  prepared = {.run = run, .prepared_bytes = sizeof(Table), .kernel = "table_s8", .instructions = kernel.name};
  prepared.data = std::make_shared<Table>(Table{kernel.run, candidate.execution.threads});
  return true;
}

}  // namespace qgraph::runtime
