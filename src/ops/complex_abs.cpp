// The absolute value of complex numbers.
#include "ops/op_def.hpp"
#include "ops/support/complex_part.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_complex_part(c, "complex_abs"); }  // complex_abs_c1

struct Magnitude {
  template <class T>
  T operator()(const std::complex<T>& x) const noexcept {
    return std::abs(x);
  }
};

constexpr auto kernels = complex_part_rows<Magnitude>();

}  // namespace

extern constexpr OpDef complex_abs{
    .name = "complex_abs", .help = "The absolute value of complex numbers.", .infer = &infer, .reference = kernels};

}  // namespace qgraph::ops
