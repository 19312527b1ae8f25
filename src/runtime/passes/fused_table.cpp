// fused.table: a function of one byte, element by element.
#include "runtime/passes/fused.hpp"

namespace qgraph::runtime::passes {
namespace {

Result<Types> infer(const InferContext& c) { return Types{c.output(0, c.input(0).element, c.shape(0))}; }

/// Of signed and unsigned bytes alike: declared types decide.
Result<Types> infer_bytes(const InferContext& c) {
  const TensorType declared = c.declared();
  if (declared.quantized() && bits(declared.storage()) == 8) return Types{TensorType(declared.element, c.shape(0))};
  return infer(c);
}

void run(const KernelArgs& args) noexcept {
  const auto& table = args.attributes<FusedTable>();
  const auto* in = args.in<std::uint8_t>(0);
  auto* out = args.out<std::uint8_t>();
  for (std::int64_t i = 0, n = args.outputs[0].elements(); i < n; ++i) out[i] = table.bytes[in[i]];
}

constexpr KernelDef kernels[] = {kernel(DType::unknown, run)};

}  // namespace

extern constexpr OpDef fused_table{
    .name = "fused.table", .help = "A function of one byte, element by element.", .infer = &infer_bytes, .reference = kernels};

}  // namespace qgraph::runtime::passes
