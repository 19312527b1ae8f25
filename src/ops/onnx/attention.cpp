// attention: ONNX's Attention over heads: softmax(scale * q k' + what is hidden) v.
#include <cmath>
#include <limits>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"
#include "ops/support/scratch.hpp"
#include "ops/support/small_float.hpp"

namespace qgraph::ops::onnx {
namespace {

struct Attention {
  float scale = 1.0F;
  float softcap = 0.0F;
  bool is_causal = false;
  std::int64_t left_window = -1, right_window = -1;
  std::int64_t shown = 0;
  DType precision = DType::float32, softmax_precision = DType::float32;
};
constexpr std::array attributes{
    attr<&Attention::scale>("scale", "of the products; its root is taken times q and times k"),
    attr<&Attention::softcap>("softcap", "scores become softcap * tanh(score / softcap); 0: they stay"),
    attr<&Attention::is_causal>("is_causal", "a query sees no key behind its own place"),
    attr<&Attention::left_window>("left_window", "how many keys before its place a query sees; -1: all"),
    attr<&Attention::right_window>("right_window", "how many keys behind its place a query sees; -1: all"),
    attr<&Attention::shown>("shown", "output 3 holds: 0 the products, 1 with softcap, 2 with what is hidden, 3 the softmax"),
    attr<&Attention::precision>("precision", "the float dtype to which every step is rounded"),
    attr<&Attention::softmax_precision>("softmax_precision", "the same within the softmax"),
};
enum Operand : std::size_t { q, k, v, mask, past_key, past_value, lengths };

std::int64_t sum_of(std::int64_t a, std::int64_t b) { return a < 0 || b < 0 ? Shape::dynamic : a + b; }
bool differ(std::int64_t a, std::int64_t b) { return a >= 0 && b >= 0 && a != b; }

Result<Types> infer(const InferContext& c) {
  for (const std::size_t i : {q, k, v, past_key, past_value}) {
    if (!c.has(i)) continue;
    if (c.input(i).storage() != DType::float32 || (c.shape(i).ranked() && c.shape(i).rank() != 4))  // attention_c1
      return constraint("attention_c1", "q, k, v and what is past are float32 of rank 4: batch, heads, steps, size");
  }
  if (c.has(past_key) != c.has(past_value))  // attention_c2
    return constraint("attention_c2", "past keys go with past values", Cause::dangling_reference);
  const Shape open{-1, -1, -1, -1};
  const auto dims = [&](std::size_t i) { return c.has(i) && c.shape(i).ranked() ? c.shape(i) : open; };
  const Shape qs = dims(q), ks = dims(k), vs = dims(v), pk = dims(past_key), pv = dims(past_value);
  const auto heads_fit = [&](std::int64_t some, std::int64_t all) {
    return some < 0 || all < 0 || (some > 0 && all % some == 0);
  };
  if (differ(qs[0], ks[0]) || differ(qs[0], vs[0]) || differ(qs[3], ks[3]) || differ(ks[1], vs[1]) || differ(ks[2], vs[2]) ||
      !heads_fit(ks[1], qs[1]))  // attention_c3
    return constraint("attention_c3",
                      "q " + qs.to_string() + ", k " + ks.to_string() + " and v " + vs.to_string() + " do not go together");
  if (c.has(past_key))  // attention_c4
    for (const std::size_t d : {0, 1, 3})
      if (differ(pk[d], ks[d]) || differ(pv[d], vs[d]) || differ(pk[2], pv[2]))
        return constraint("attention_c4",
                          "past keys " + pk.to_string() + " and values " + pv.to_string() + " do not continue k and v");
  const std::int64_t total = c.has(past_key) ? sum_of(pk[2], ks[2]) : ks[2];
  if (c.has(mask) && c.shape(mask).ranked()) {
    const Shape& m = c.shape(mask);
    const Shape whole{qs[0], qs[1], qs[2], total};
    bool fits = m.rank() >= 1 && m.rank() <= 4 &&
                (c.input(mask).storage() == DType::float32 || c.input(mask).storage() == DType::boolean);
    for (std::size_t d = 0; fits && d < m.rank(); ++d) {
      const std::int64_t have = m[m.rank() - 1 - d], want = whole[3 - d];
      fits = d == 0 ? have < 0 || want < 0 || have <= want : have == 1 || !differ(have, want);
    }
    if (!fits)  // attention_c5
      return constraint("attention_c5", "the mask " + c.input(mask).to_string() + " does not fit " + whole.to_string());
  }
  if (c.has(lengths) && (c.input(lengths).storage() != DType::int64 ||
                         (c.shape(lengths).ranked() && (c.shape(lengths).rank() != 1 || differ(c.shape(lengths)[0], qs[0])))))
    return constraint("attention_c6", "the numbers of keys are one int64 for each entry of the batch");
  const ElementType element = Plain{DType::float32};
  Types types{{element, Shape{qs[0], qs[1], qs[2], vs[3]}},
              {element, Shape{ks[0], ks[1], total, ks[3]}},
              {element, Shape{vs[0], vs[1], total, vs[3]}},
              {element, Shape{qs[0], qs[1], qs[2], total}}};
  types.resize(std::min<std::size_t>(c.output_count, types.size()));
  return types;
}

struct Plan {
  std::int64_t past = 0, total = 0, size = 0, value_size = 0;
  std::array<std::int64_t, 4> mask_strides{};
  std::int64_t mask_columns = 0;
  ScratchPiece keys{}, query{}, scores{}, hidden{};
};

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  Plan p;
  p.past = c.has(past_key) ? c.inputs[past_key].dim(2) : 0;
  p.total = p.past + c.inputs[k].dim(2);
  p.size = c.inputs[q].dim(3);
  p.value_size = c.inputs[v].dim(3);
  if (c.has(mask)) {
    const View& m = c.inputs[mask];
    std::int64_t stride = 1;
    for (std::size_t d = m.rank(); d-- > 0;) {
      p.mask_strides[d + 4 - m.rank()] = m.dim(d) == 1 ? 0 : stride;
      stride *= m.dim(d);
    }
    p.mask_columns = m.dim(m.rank() - 1);
    p.mask_strides[3] = 1;
  }
  Scratch scratch;
  const auto matrix = multiply_checked(p.total, p.size);
  p.keys = scratch.take<float>(matrix.value_or(-1));
  p.query = scratch.take<float>(p.size);
  p.scores = scratch.take<float>(p.total);
  p.hidden = scratch.take<float>(p.total);
  if (scratch.too_large()) return constraint("attention_c7", "the keys are too many", Cause::resource_limit);
  c.scratch_bytes = scratch.bytes();
  return std::shared_ptr<const void>(std::make_shared<const Plan>(p));
}

float rounded(float x, DType to) noexcept {
  return to == DType::float32 ? x : decode_float(encode_float(x, float_format(to)), float_format(to));
}

/// What came before, and then what is new, of one head: steps of `size` floats.
struct Steps {
  const float *before = nullptr, *now = nullptr;
  std::int64_t past = 0, size = 0;
  const float* operator[](std::int64_t j) const noexcept { return j < past ? before + j * size : now + (j - past) * size; }
};
Steps steps(const KernelArgs& args, const Plan& p, std::size_t now, std::size_t before, std::int64_t head) noexcept {
  const View& x = args.inputs[now];
  Steps s{.past = p.past, .size = x.dim(3)};
  s.now = x.as<float>() + head * x.dim(2) * s.size;
  if (p.past > 0) s.before = args.in<float>(before) + head * p.past * s.size;
  return s;
}

/// Softmax of scores in place; a row of which nothing may be seen becomes zeros.
void soften(const Plan& p, const Attention& a, float* scores, bool seen) noexcept {
  constexpr float never = -std::numeric_limits<float>::infinity();
  if (!seen) return void(std::fill_n(scores, p.total, 0.0F));
  float most = never, sum = 0.0F;
  for (std::int64_t j = 0; j < p.total; ++j) most = std::max(most, scores[j] = rounded(scores[j], a.softmax_precision));
  if (most == never) most = 0.0F;
  for (std::int64_t j = 0; j < p.total; ++j) {
    scores[j] = rounded(std::exp(rounded(scores[j] - most, a.softmax_precision)), a.softmax_precision);
    sum += scores[j];
    if (a.softmax_precision == DType::bfloat16)
      sum = rounded(sum, DType::bfloat16);  // as ONNX's reference adds: float16 in float32
  }
  sum = rounded(sum, a.softmax_precision);
  for (std::int64_t j = 0; j < p.total; ++j)
    scores[j] = rounded(rounded(scores[j] / (sum == 0.0F ? 1.0F : sum), a.softmax_precision), a.precision);
}

/// What is added to the scores of query i. False: nothing may be seen.
bool hide(const KernelArgs& args, const Plan& p, std::int64_t b, std::int64_t h, std::int64_t i, float* hidden) noexcept {
  constexpr float never = -std::numeric_limits<float>::infinity();
  const auto& a = args.attributes<Attention>();
  const std::int64_t valid = args.has(lengths) ? args.in<std::int64_t>(lengths)[b] : p.total;
  const std::int64_t place = i + (args.has(lengths) && !args.has(past_key) ? valid - args.inputs[q].dim(2) : p.past);
  bool any = false;
  for (std::int64_t j = 0; j < p.total; ++j) {
    const bool out = j >= valid || (a.is_causal && j > place) || (a.left_window >= 0 && j < place - a.left_window) ||
                     (a.right_window >= 0 && j > place + a.right_window);
    float add = out ? never : 0.0F;
    if (args.has(mask)) {
      const std::int64_t at = b * p.mask_strides[0] + h * p.mask_strides[1] + i * p.mask_strides[2] + j;
      if (j >= p.mask_columns)
        add = never;
      else if (args.inputs[mask].type->storage() == DType::boolean)
        add = args.in<std::uint8_t>(mask)[at] != 0 ? add : never;
      else
        add += args.in<float>(mask)[at];
    }
    hidden[j] = add;
    any = any || !(add == never);
  }
  return any;
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<Attention>();
  const auto& p = args.prepared_as<Plan>();
  const std::int64_t batches = args.inputs[q].dim(0), heads = args.inputs[q].dim(1), queries = args.inputs[q].dim(2);
  const std::int64_t shared = args.inputs[k].dim(1);
  float *keys = p.keys.in<float>(args.scratch), *query = p.query.in<float>(args.scratch);
  float *scores = p.scores.in<float>(args.scratch), *hidden = p.hidden.in<float>(args.scratch);
  const float root = rounded(std::sqrt(a.scale), a.precision);
  const auto times_root = [&](const float* from, float* to) {
    for (std::int64_t d = 0; d < p.size; ++d) to[d] = rounded(from[d] * root, a.precision);
  };
  const auto wanted = [&](std::size_t o) { return o < args.outputs.size() && args.outputs[o]; };
  if (args.has(lengths))
    for (std::int64_t b = 0; b < batches; ++b)
      if (const std::int64_t n = args.in<std::int64_t>(lengths)[b]; n < 0 || n > p.total)
        return fail_index(args, "attention", n, p.total + 1);
  for (std::int64_t b = 0; b < batches; ++b)
    for (std::int64_t h = 0; h < heads; ++h) {
      const std::int64_t head = b * shared + h / (heads / shared);
      const Steps key = steps(args, p, k, past_key, head), value = steps(args, p, v, past_value, head);
      for (std::int64_t j = 0; j < p.total; ++j) {
        times_root(key[j], keys + j * p.size);
        if (wanted(1)) std::copy_n(key[j], p.size, args.out<float>(1) + (head * p.total + j) * p.size);
        if (wanted(2)) std::copy_n(value[j], p.value_size, args.out<float>(2) + (head * p.total + j) * p.value_size);
      }
      for (std::int64_t i = 0; i < queries; ++i) {
        const std::int64_t row = (b * heads + h) * queries + i;
        const auto show = [&](std::int64_t at) {
          if (wanted(3) && a.shown == at) std::copy_n(scores, p.total, args.out<float>(3) + row * p.total);
        };
        times_root(args.in<float>(q) + row * p.size, query);
        for (std::int64_t j = 0; j < p.total; ++j) {
          float sum = 0.0F;
          for (std::int64_t d = 0; d < p.size; ++d) sum += query[d] * keys[j * p.size + d];
          scores[j] = rounded(sum, a.precision);
        }
        show(0);
        if (a.softcap > 0.0F)
          for (std::int64_t j = 0; j < p.total; ++j)
            scores[j] =
                rounded(rounded(std::tanh(rounded(scores[j] / a.softcap, a.precision)), a.precision) * a.softcap, a.precision);
        show(1);
        const bool seen = hide(args, p, b, h, i, hidden);
        for (std::int64_t j = 0; j < p.total; ++j) scores[j] = rounded(scores[j] + hidden[j], a.precision);
        show(2);
        soften(p, a, scores, seen);
        show(3);
        float* out = args.out<float>() + row * p.value_size;
        std::fill_n(out, p.value_size, 0.0F);
        for (std::int64_t j = 0; j < p.total; ++j)
          if (scores[j] != 0.0F)  // what is not seen may hold anything
            for (std::int64_t d = 0; d < p.value_size; ++d) out[d] += scores[j] * value[j][d];
      }
    }
}

constexpr std::array kernels{kernel(DType::float32, run, prepare)};
}  // namespace

extern constexpr OpDef attention{
    .name = "onnx.attention",
    .help =
        "Values weighted by the softmax of the scaled products of queries and keys, head by head; groups of query heads may "
        "share one "
        "of keys and values. ONNX's Attention.",
    .inputs = "q k v mask? past_key? past_value? lengths?",
    .outputs = "output keys values scores",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Attention>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
