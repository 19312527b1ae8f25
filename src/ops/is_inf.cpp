// Which elements are infinite.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct IsInf {
  bool detect_negative = true, detect_positive = true;
};
constexpr std::array attributes{attr<&IsInf::detect_negative>("detect_negative", "minus infinity counts"),
                                attr<&IsInf::detect_positive>("detect_positive", "plus infinity counts")};

Result<Types> infer(const InferContext& c) { return Types{TensorType(DType::boolean, c.shape(0))}; }

template <class T>
void run(const KernelArgs& a) noexcept {
  const auto& which = a.attributes<IsInf>();
  for (std::int64_t i = 0, n = a.outputs[0].elements(); i < n; ++i) {
    const auto x = static_cast<Computed<T>>(a.in<T>(0)[i]);
    a.out<std::uint8_t>()[i] = std::isinf(x) && (x < 0 ? which.detect_negative : which.detect_positive);
  }
}

constexpr std::array kernels{kernel(DType::float32, run<float>), kernel(DType::float64, run<double>),
                             kernel(DType::float16, run<Float16>), kernel(DType::bfloat16, run<BFloat16>)};

}  // namespace

extern constexpr OpDef is_inf{.name = "is_inf",
                              .help = "True where an element is infinite, of the signs that count.",
                              .attributes = attribute_table<IsInf>(attributes),
                              .infer = &infer,
                              .reference = kernels};

}  // namespace qgraph::ops
