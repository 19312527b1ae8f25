// e to the power x
#include "ops/op_def.hpp"
#include "ops/support/polynomials.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Exp {
  template <class T>
  T operator()(T x) const noexcept {
    return std::exp(x);
  }
  static float of(float x, const TensorType&) noexcept { return std::exp(x); }
};

constexpr std::array attributes{attr<&polynomials::Polynomial::polynomial>("polynomial", polynomials::polynomial_doc)};

void run_float(const KernelArgs& args) noexcept {
  if (!args.attributes<polynomials::Polynomial>().polynomial) return run_unary<float, Exp>(args);
  for (std::int64_t i = 0, n = args.outputs[0].elements(); i < n; ++i)
    args.out<float>()[i] = polynomials::exp(args.in<float>(0)[i]);
}
constexpr std::array float_row{kernel(DType::float32, run_float)};

constexpr auto kernels = join(table_rows<Exp>(), join(float_row, unary_rows<Exp, double, Float16, BFloat16>()));

}  // namespace

extern constexpr OpDef exp{.name = "exp",
                           .help = "e to the power x. Quantized values by TensorFlow Lite's tables.",
                           .attributes = attribute_table<polynomials::Polynomial>(attributes),
                           .infer = &infer_unary,
                           .reference = kernels};

}  // namespace qgraph::ops
