// fused.table by the processor's own table lookup.
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

}  // namespace

bool fast_fused_table(const Candidate& candidate, Prepared& prepared) {
  const kernels::TableS8Kernel& kernel = kernels::table_s8(candidate.execution.cpu);
  prepared = {.run = run, .prepared_bytes = sizeof(Table), .kernel = "table_s8", .instructions = kernel.name};
  prepared.data = std::make_shared<Table>(Table{kernel.run, candidate.execution.threads});
  return true;
}

}  // namespace qgraph::runtime
