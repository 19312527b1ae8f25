// The natural logarithm.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Log {
  template <class T>
  T operator()(T x) const noexcept {
    return std::log(x);
  }
  /// At and below 0: the lowest value that the result's type can hold.
  static float of(float x, const TensorType& out) noexcept {
    if (x > 0) return std::log(x);
    return static_cast<float>(integer_range(out.storage()).min - out.zero_point()) * out.scale();
  }
};

constexpr auto kernels = join(table_rows<Log>(), unary_rows<Log, float, double, Float16, BFloat16>());

}  // namespace

extern constexpr OpDef log{.name = "log",
                           .help = "The natural logarithm. Quantized values by TensorFlow Lite's tables.",
                           .infer = &infer_unary,
                           .reference = kernels};

}  // namespace qgraph::ops
