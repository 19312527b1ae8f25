// fake_quant: floats rounded to the values that a quantization of a range could hold.
#include "ops/support/map_elements.hpp"

namespace qgraph::ops {
namespace {

struct FakeQuant {
  float min = -6.0F, max = 6.0F;
  int num_bits = 8;
  bool narrow_range = false;
};
constexpr std::array attributes{attr<&FakeQuant::min>("min", "lower end of the range, moved so that zero is held exactly"),
                                attr<&FakeQuant::max>("max", "upper end"), attr<&FakeQuant::num_bits>("num_bits", "2 to 16"),
                                attr<&FakeQuant::narrow_range>("narrow_range", "the lowest stored integer is left out")};

// fake_quant_c1: num_bits in [2, 16]; c2: min < max.
Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<FakeQuant>();
  if (a.num_bits < 2 || a.num_bits > 16) return constraint("fake_quant_c1", "num_bits must be 2 to 16", Cause::invalid_attribute);
  if (!(a.min < a.max)) return constraint("fake_quant_c2", "min must be below max", Cause::invalid_attribute);
  return infer_same(c);
}

struct Parameters {
  float scale = 1.0F, low = 0.0F, high = 0.0F;
};

/// TensorFlow's Nudge.
Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const auto& a = c.attributes<FakeQuant>();
  const auto least = a.narrow_range ? 1.0F : 0.0F, most = static_cast<float>((1 << a.num_bits) - 1);
  Parameters p;
  p.scale = (a.max - a.min) / (most - least);
  const float exact = least - a.min / p.scale;
  const float zero_point = exact < least ? least : exact > most ? most : std::round(exact);
  p.low = (least - zero_point) * p.scale;
  p.high = (most - zero_point) * p.scale;
  return prepared(c, p);
}

void run(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<Parameters>();
  const float inverse = 1.0F / p.scale;
  map_elements<float>(args, [&](float x) {
    const float inside = std::min(p.high, std::max(p.low, x)) - p.low;
    return std::round(inside * inverse) * p.scale + p.low;
  });
}

constexpr std::array kernels{kernel(DType::float32, run, prepare)};

}  // namespace

extern constexpr OpDef fake_quant{
    .name = "fake_quant",
    .help = "Rounds to the nearest of 2^num_bits steps between min and max. TensorFlow Lite's FAKE_QUANT.",
    .attributes = attribute_table<FakeQuant>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
