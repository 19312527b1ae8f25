// Random numbers: Normally spread, mean 0 and deviation 1.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "ops/op_def.hpp"
#include "ops/support/philox.hpp"

namespace qgraph::ops {
namespace {

constexpr std::array attributes{attr<&Seeds::seed>("seed", "the generator's key"),
                                attr<&Seeds::seed2>("seed2", "the upper half of its counter")};

Result<Types> infer(const InferContext& c) { return infer_random(c, "random_standard_normal"); }  // random_standard_normal_c1

/// Two words make two numbers (Box and Muller).
void run(const KernelArgs& a) noexcept {
  const std::uint64_t first = drawn(a, 1);
  Philox philox(a.attributes<Seeds>(), first);
  auto* out = a.out<float>();
  const std::int64_t n = a.outputs[0].elements();
  for (std::int64_t i = 0; i < n; i += 4) {
    const Philox::Words words = philox.next();
    for (std::int64_t k = 0; k < std::min<std::int64_t>(4, n - i); k += 2) {
      const float u = std::max(unit_float(words[static_cast<std::size_t>(k)]), 1.0e-7F);
      const auto angle =
          static_cast<float>(2.0 * std::numbers::pi * static_cast<double>(unit_float(words[static_cast<std::size_t>(k) + 1])));
      const float radius = std::sqrt(-2.0F * std::log(u));
      out[i + k] = std::sin(angle) * radius;
      if (i + k + 1 < n) out[i + k + 1] = std::cos(angle) * radius;
    }
  }
  set_drawn(a, 1, first + static_cast<std::uint64_t>((n + 3) / 4));
}

constexpr std::array kernels{kernel(DType::int32, run), kernel(DType::int64, run)};

}  // namespace

extern constexpr OpDef random_standard_normal{
    .name = "random_standard_normal",
    .help =
        "Normally spread, mean 0 and deviation 1, by the generator Philox as TensorFlow Lite draws them. The state operand "
        "counts blocks of four numbers drawn so far.",
    .inputs = "shape state?",
    .attributes = attribute_table<Seeds>(attributes),
    .infer = &infer,
    .reference = kernels,
    .stateful = true};

}  // namespace qgraph::ops
