// microsoft.qlinear_softmax: softmax of 8 bits by ONNX Runtime's table.
#include <cmath>

#include "ops/support/rows.hpp"

namespace qgraph::ops::microsoft {
namespace {

struct QlinearSoftmax {
  std::int64_t axis = -1;
};
constexpr std::array attributes{attr<&QlinearSoftmax::axis>("axis", "from the end where negative")};

// qlinear_softmax_c1: axis is one of the input's.
Result<Types> infer(const InferContext& c) { return infer_along_axis<QlinearSoftmax>(c, "qlinear_softmax_c1"); }

struct Exponentials {
  std::array<float, 256> below{};  ///< exp of d steps below the maximum
  float unit = 0;                  ///< whole steps that 1 takes in the output
};

Prepared prepare(PrepareContext& c) {
  if (const Status s = check_scales(c, 1); !s) return s.error();
  Exponentials e;
  const auto scale = static_cast<double>(c.inputs[0].type->scale());
  for (std::size_t d = 0; d < e.below.size(); ++d) e.below[d] = static_cast<float>(std::exp(-static_cast<double>(d) * scale));
  e.unit = std::floor(1.0F / c.outputs[0].type->scale());
  return prepared(c, e);
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const auto& e = args.prepared_as<Exponentials>();
  const T* in = args.in<T>(0);
  T* out = args.out<T>();
  const auto zero_point = static_cast<float>(args.outputs[0].type->zero_point());
  const Rows rows(args.inputs[0].shape(), args.attributes<QlinearSoftmax>().axis);
  rows.each([&](std::int64_t first) {
    const auto at = [&](std::int64_t c) { return first + c * rows.inner; };
    int most = std::numeric_limits<T>::min();
    for (std::int64_t c = 0; c < rows.depth; ++c) most = std::max<int>(most, in[at(c)]);
    const auto exponential = [&](std::int64_t c) { return e.below[static_cast<std::size_t>(most - in[at(c)])]; };
    float sum = 0;
    for (std::int64_t c = 0; c < rows.depth; ++c) sum += exponential(c);
    for (std::int64_t c = 0; c < rows.depth; ++c) {
      const float q = std::nearbyint(exponential(c) * e.unit / sum) + zero_point;
      out[at(c)] = static_cast<T>(std::clamp<float>(q, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    }
  });
}

constexpr std::array kernels{kernel(DType::qint8, run<std::int8_t>, prepare), kernel(DType::quint8, run<std::uint8_t>, prepare)};

}  // namespace

extern constexpr OpDef qlinear_softmax{
    .name = "microsoft.qlinear_softmax",
    .help =
        "Softmax of 8-bit values by a table of exponentials of the distance to the maximum; the output's scale counts as a whole "
        "number of steps. ONNX Runtime's QLinearSoftmax.",
    .attributes = attribute_table<QlinearSoftmax>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops::microsoft
