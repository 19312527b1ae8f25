// linear_attention: ONNX's LinearAttention: a state of keys times values, updated step by step and read by queries.
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

enum class UpdateRule : std::uint8_t { linear, gated, delta, gated_delta };
constexpr std::array<std::string_view, 4> rule_words{"linear", "gated", "delta", "gated_delta"};
constexpr std::span<const std::string_view> enum_words(UpdateRule) { return rule_words; }

struct LinearAttention {
  std::int64_t q_heads = 0, kv_heads = 0;
  float scale = 0.0F;
  UpdateRule update_rule = UpdateRule::gated_delta;
};
constexpr std::array attributes{
    attr<&LinearAttention::q_heads>("q_heads", "heads of the query"),
    attr<&LinearAttention::kv_heads>("kv_heads", "heads of key and value"),
    attr<&LinearAttention::scale>("scale", "of the output; 0: one over the root of a key's size"),
    attr<&LinearAttention::update_rule>(
        "update_rule", "gated: the state decays; delta: what it holds of the key already is taken off the value"),
};
enum Operand : std::size_t { query, key, value, state, decay, beta };

bool gated(UpdateRule r) { return r == UpdateRule::gated || r == UpdateRule::gated_delta; }
bool corrects(UpdateRule r) { return r == UpdateRule::delta || r == UpdateRule::gated_delta; }

Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<LinearAttention>();
  if (a.kv_heads < 1 || a.q_heads < 1 || a.q_heads % a.kv_heads != 0)  // linear_attention_c1
    return constraint("linear_attention_c1", "the heads of the query are no multiple of those of key and value",
                      Cause::invalid_attribute);
  if (c.has(decay) != gated(a.update_rule) || c.has(beta) != corrects(a.update_rule))  // linear_attention_c2
    return constraint("linear_attention_c2",
                      "the update rule needs a decay where it is gated, a beta where it is a delta, and else none",
                      Cause::dangling_reference);
  const auto wrong = [&](std::size_t i, std::initializer_list<std::int64_t> sizes) {
    if (!c.has(i)) return false;
    if (c.input(i).storage() != DType::float32 || (c.shape(i).ranked() && c.shape(i).rank() != 3)) return true;
    if (!c.shape(i).ranked()) return false;
    for (std::size_t d = 0; d < 2; ++d)
      if (c.shape(query).ranked() && c.shape(i)[d] >= 0 && c.shape(query)[d] >= 0 && c.shape(i)[d] != c.shape(query)[d])
        return true;
    bool fits = c.shape(i)[2] < 0 || sizes.size() == 0;
    for (const std::int64_t s : sizes) fits = fits || s < 0 || c.shape(i)[2] == s;
    return !fits;
  };
  if (wrong(query, {}))
    return constraint("linear_attention_c3",
                      "the query is " + c.input(query).to_string() + ", not float32 of batch, steps and heads");
  const Shape& qs = c.shape(query);
  const std::int64_t size = qs.ranked() && qs[2] >= 0 ? qs[2] / a.q_heads : -1;
  const std::int64_t values = c.has(value) && c.shape(value).ranked() && c.shape(value).rank() == 3 && c.shape(value)[2] >= 0
                                  ? c.shape(value)[2] / a.kv_heads
                                  : -1;
  const std::int64_t keys = size < 0 ? -1 : size * a.kv_heads;
  if (wrong(key, {keys}) || wrong(value, {values < 0 ? -1 : values * a.kv_heads}) || wrong(decay, {keys, a.kv_heads}) ||
      wrong(beta, {a.kv_heads, 1}) || (qs.ranked() && qs[2] >= 0 && (size < 1 || qs[2] % a.q_heads != 0)))  // linear_attention_c4
    return constraint("linear_attention_c4", "key, value, decay or beta do not go with the query " + qs.to_string());
  const Shape kept{qs.ranked() ? qs[0] : -1, a.kv_heads, size, values};
  if (c.has(state) && c.shape(state).ranked()) {
    bool fits = c.shape(state).rank() == 4 && c.input(state).storage() == DType::float32;
    for (std::size_t d = 0; fits && d < 4; ++d) fits = c.shape(state)[d] < 0 || kept[d] < 0 || c.shape(state)[d] == kept[d];
    if (!fits)
      return constraint("linear_attention_c5", "the state is " + c.input(state).to_string() + ", not float32" + kept.to_string());
  }
  const Shape out{kept[0], qs.ranked() ? qs[1] : -1, values < 0 ? -1 : values * a.q_heads};
  return Types{{Plain{DType::float32}, out}, {Plain{DType::float32}, kept}};
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<LinearAttention>();
  const std::int64_t steps = args.inputs[query].dim(1), size = args.inputs[query].dim(2) / a.q_heads,
                     values = args.inputs[value].dim(2) / a.kv_heads;
  const std::int64_t group = a.q_heads / a.kv_heads;
  const float scale = a.scale != 0.0F ? a.scale : 1.0F / std::sqrt(static_cast<float>(size));
  float* const kept = args.out<float>(1);
  if (args.has(state))
    std::copy_n(args.in<float>(state), args.outputs[1].elements(), kept);
  else
    std::fill_n(kept, args.outputs[1].elements(), 0.0F);
  for (std::int64_t b = 0; b < args.inputs[query].dim(0); ++b)
    for (std::int64_t h = 0; h < a.kv_heads; ++h) {
      float* const s = kept + (b * a.kv_heads + h) * size * values;  // [key][value]
      for (std::int64_t t = 0; t < steps; ++t) {
        const std::int64_t step = b * steps + t;
        const float* k = args.in<float>(key) + (step * a.kv_heads + h) * size;
        const float* v = args.in<float>(value) + (step * a.kv_heads + h) * values;
        if (args.has(decay)) {
          const std::int64_t each = args.inputs[decay].dim(2) == a.kv_heads ? 1 : size;
          const float* g = args.in<float>(decay) + (step * a.kv_heads + h) * each;
          for (std::int64_t d = 0; d < size; ++d)
            for (std::int64_t m = 0; m < values; ++m) s[d * values + m] *= std::exp(g[each == 1 ? 0 : d]);
        }
        const std::int64_t betas = args.has(beta) ? args.inputs[beta].dim(2) : 0;
        for (std::int64_t m = 0; m < values; ++m) {
          float written = v[m];
          if (args.has(beta)) {
            float held = 0.0F;
            for (std::int64_t d = 0; d < size; ++d) held += s[d * values + m] * k[d];
            written = args.in<float>(beta)[step * betas + (betas == 1 ? 0 : h)] * (written - held);
          }
          for (std::int64_t d = 0; d < size; ++d) s[d * values + m] += k[d] * written;
        }
        for (std::int64_t q = h * group; q < (h + 1) * group; ++q) {
          const float* read = args.in<float>(query) + (step * a.q_heads + q) * size;
          float* out = args.out<float>() + (step * a.q_heads + q) * values;
          for (std::int64_t m = 0; m < values; ++m) {
            float sum = 0.0F;
            for (std::int64_t d = 0; d < size; ++d) sum += read[d] * s[d * values + m];
            out[m] = scale * sum;
          }
        }
      }
    }
}

constexpr std::array kernels{kernel(DType::float32, run)};
}  // namespace

extern constexpr OpDef linear_attention{
    .name = "onnx.linear_attention",
    .help = "Each step adds key times value to a state, which may decay first; the query reads it. ONNX's LinearAttention.",
    .inputs = "query key value state? decay? beta?",
    .outputs = "output state",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<LinearAttention>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
