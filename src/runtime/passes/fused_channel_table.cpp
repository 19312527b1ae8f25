// fused.channel_table: a function of one byte for each channel, element by element.
#include "runtime/passes/fused.hpp"

namespace qgraph::runtime::passes {
namespace {

Result<Types> infer(const InferContext& c) {
  const TensorType declared = c.declared();
  if (!declared.quantized() || bits(declared.storage()) != 8)
    return constraint("fused_channel_table_c1", "a declared result of quantized bytes");
  return Types{TensorType(declared.element, c.shape(0))};
}

void run(const KernelArgs& args) noexcept {
  const auto& table = args.attributes<FusedChannelTable>();
  const auto* in = args.in<std::uint8_t>(0);
  auto* out = args.out<std::uint8_t>();
  const std::int64_t n = args.outputs[0].elements();
  for (std::int64_t i = 0; i < n; ++i)
    out[i] = table.bytes[static_cast<std::size_t>(i / table.inner % table.channels * 256 + in[i])];
}

constexpr KernelDef kernels[] = {kernel(DType::unknown, run)};

}  // namespace

extern constexpr OpDef fused_channel_table{.name = "fused.channel_table",
                                           .help = "A function of one byte for each channel, element by element.",
                                           .infer = &infer,
                                           .reference = kernels};

}  // namespace qgraph::runtime::passes
