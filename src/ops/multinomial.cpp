// Random classes by their log-odds.
#include <algorithm>
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/support/philox.hpp"
#include "ops/support/unpack_sub_byte.hpp"

namespace qgraph::ops {
namespace {

struct Multinomial {
  std::int64_t seed = 0;
  std::int64_t seed2 = 0;
  DType to = DType::int64;
};
constexpr std::array attributes{attr<&Multinomial::seed>("seed", "the generator's key"),
                                attr<&Multinomial::seed2>("seed2", "the upper half of its counter"),
                                attr<&Multinomial::to>("to", "the result's dtype: int32 or int64")};

Result<Types> infer(const InferContext& c) {
  const Shape& logits = c.shape(0);
  if (logits.ranked() && logits.rank() != 2)
    return constraint("multinomial_c1", "the logits have shape " + logits.to_string() + ", not [batch, classes]");
  const DType to = c.attributes<Multinomial>().to, counts = c.input(1).storage();
  if (to != DType::int32 && to != DType::int64)
    return constraint("multinomial_c2", "the result is " + std::string(name(to)), Cause::unsupported_dtype);
  if (counts != DType::int32 && counts != DType::int64 && counts != DType::unknown)
    return constraint("multinomial_c3", "the number of samples is " + std::string(name(counts)), Cause::unsupported_dtype);
  std::int64_t samples = Shape::dynamic;
  if (const auto given = c.integers(1)) {
    if (given->size() != 1 || given->front() < 0)
      return constraint("multinomial_c3", "the number of samples is no count", Cause::data_out_of_range);
    samples = given->front();
  }
  return Types{TensorType(to, Shape{logits.ranked() ? logits[0] : Shape::dynamic, samples})};
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  if (c.inputs[0].dim(1) == 0) return failure("QG4101", Cause::shape_mismatch, "there are no classes to draw from");
  c.scratch_bytes = static_cast<std::size_t>(c.inputs[0].dim(1)) * sizeof(double);
  return std::shared_ptr<const void>();
}

/// Running sums of exp(logit - max) over the finite logits.
double running_odds(const float* logits, std::int64_t classes, double* odds) noexcept {
  float most = std::numeric_limits<float>::lowest();
  for (std::int64_t i = 0; i < classes; ++i)
    if (std::isfinite(logits[i])) most = std::max(most, logits[i]);
  double sum = 0;
  for (std::int64_t i = 0; i < classes; ++i) {
    if (std::isfinite(logits[i])) sum += std::exp(static_cast<double>(logits[i]) - static_cast<double>(most));
    odds[i] = sum;
  }
  return sum;
}

void run(const KernelArgs& a) noexcept {
  const auto& at = a.attributes<Multinomial>();
  const std::int64_t batch = a.inputs[0].dim(0), classes = a.inputs[0].dim(1), samples = a.outputs[0].dim(1);
  const std::uint64_t first = drawn(a, 2);
  Philox philox({at.seed, at.seed2}, first);
  auto* odds = reinterpret_cast<double*>(a.scratch);
  Philox::Words words{};
  std::size_t used = 4;
  for (std::int64_t b = 0; b < batch; ++b) {
    const double sum = running_odds(a.in<float>(0) + b * classes, classes, odds);
    for (std::int64_t s = 0; s < samples; ++s, used += 2) {
      if (used == 4) {
        words = philox.next();
        used = 0;
      }
      const auto found = std::upper_bound(odds, odds + classes, unit_double(words[used], words[used + 1]) * sum) - odds;
      if (at.to == DType::int64)
        a.out<std::int64_t>()[b * samples + s] = found;
      else
        a.out<std::int32_t>()[b * samples + s] = static_cast<std::int32_t>(found);
    }
  }
  // TensorFlow sets aside 512 blocks for each sample, rounded up to four, whatever it used.
  set_drawn(a, 2, first + static_cast<std::uint64_t>(batch) * static_cast<std::uint64_t>((samples + 3) / 4 * 4) * 512);
}

constexpr std::array kernels{kernel(DType::float32, run, prepare)};

}  // namespace

extern constexpr OpDef multinomial{
    .name = "multinomial",
    .help = "For each row of logits, classes drawn with odds exp(logit), by the generator Philox as TensorFlow Lite draws them.",
    .inputs = "logits samples state?",
    .attributes = attribute_table<Multinomial>(attributes),
    .infer = &infer,
    .reference = kernels,
    .stateful = true};

}  // namespace qgraph::ops
