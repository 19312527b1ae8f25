// The opposite truth value.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Not {
  std::uint8_t operator()(std::uint8_t x) const noexcept { return x == 0; }
};

constexpr std::array kernels{kernel(DType::boolean, run_unary<std::uint8_t, Not>)};

}  // namespace

extern constexpr OpDef logical_not{
    .name = "logical_not", .help = "The opposite of each boolean.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
