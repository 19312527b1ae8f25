// Which elements are not numbers.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return Types{TensorType(DType::boolean, c.shape(0))}; }

template <class T>
void run(const KernelArgs& a) noexcept {
  for (std::int64_t i = 0, n = a.outputs[0].elements(); i < n; ++i)
    a.out<std::uint8_t>()[i] = std::isnan(static_cast<Computed<T>>(a.in<T>(0)[i]));
}

constexpr std::array kernels{kernel(DType::float32, run<float>), kernel(DType::float64, run<double>),
                             kernel(DType::float16, run<Float16>), kernel(DType::bfloat16, run<BFloat16>)};

}  // namespace

extern constexpr OpDef is_nan{.name = "is_nan", .help = "True where an element is NaN.", .infer = &infer, .reference = kernels};

}  // namespace qgraph::ops
