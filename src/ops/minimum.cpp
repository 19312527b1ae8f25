// The smaller of two values, with broadcasting.
#include "ops/support/extremes.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_binary(c, "minimum", Meets::stored); }  // minimum_c1, c2

}  // namespace

extern constexpr OpDef minimum{.name = "minimum",
                               .help =
                                   "The smaller of x and y with NumPy broadcasting. Quantized operands are compared as stored: "
                                   "their parameters are to agree.",
                               .inputs = "x y",
                               .attributes = attribute_table<Extreme>(extreme_attributes),
                               .infer = &infer,
                               .reference = extreme_kernels<std::less<>>};

}  // namespace qgraph::ops
