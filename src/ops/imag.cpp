// The imaginary part of complex numbers.
#include "ops/op_def.hpp"
#include "ops/support/complex_part.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_complex_part(c, "imag"); }  // imag_c1

struct Imag {
  template <class T>
  T operator()(const std::complex<T>& x) const noexcept {
    return x.imag();
  }
};

constexpr auto kernels = complex_part_rows<Imag>();

}  // namespace

extern constexpr OpDef imag{
    .name = "imag", .help = "The imaginary part of complex numbers.", .infer = &infer, .reference = kernels};

}  // namespace qgraph::ops
