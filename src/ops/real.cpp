// The real part of complex numbers.
#include "ops/op_def.hpp"
#include "ops/support/complex_part.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_complex_part(c, "real"); }  // real_c1

struct Real {
  template <class T>
  T operator()(const std::complex<T>& x) const noexcept {
    return x.real();
  }
};

constexpr auto kernels = complex_part_rows<Real>();

}  // namespace

extern constexpr OpDef real{.name = "real", .help = "The real part of complex numbers.", .infer = &infer, .reference = kernels};

}  // namespace qgraph::ops
