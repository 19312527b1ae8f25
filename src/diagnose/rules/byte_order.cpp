// QG3123: the bytes of wide integers mean numbers only in another byte order, or as floats.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <set>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

std::vector<std::byte> swapped(std::span<const std::byte> bytes, std::size_t width) {
  std::vector<std::byte> other(bytes.begin(), bytes.end());
  for (std::size_t i = 0; i + width <= other.size(); i += width)
    std::reverse(other.begin() + static_cast<std::ptrdiff_t>(i), other.begin() + static_cast<std::ptrdiff_t>(i + width));
  return other;
}

struct Magnitudes {
  std::size_t count = 0;  ///< that are not zero
  double least = INFINITY, most = 0;
  double bits = 0;  ///< of their magnitudes, on the average
};
Magnitudes magnitudes(const std::vector<double>& values) {
  Magnitudes m;
  for (const double v : values) {
    if (v == 0) continue;
    ++m.count;
    m.least = std::min(m.least, std::fabs(v));
    m.most = std::max(m.most, std::fabs(v));
    m.bits += std::log2(std::fabs(v));
  }
  if (m.count != 0) m.bits /= static_cast<double>(m.count);
  return m;
}

struct Integers {
  TensorRef tensor{};
  DType dtype{};
  std::vector<std::byte> raw{};
  std::vector<double> values{};
  std::size_t width() const { return static_cast<std::size_t>(bits(dtype)) / 8; }
};

std::optional<Integers> integers_of(const RuleContext& c, const BrokenFacts& broken, TensorRef t) {
  if (!t || t.dangling() || !c.model[t].data.exists() || broken.any(t)) return std::nullopt;
  const DType dtype = c.model[t].dtype;
  if (dtype != DType::int32 && dtype != DType::int64) return std::nullopt;
  auto values = c.model.numbers(t, 1U << 20);
  const Result<Buffer> raw = c.model.data(t);
  if (!values || values->empty() || !raw.ok() || raw->bytes.size() != values->size() * static_cast<std::size_t>(bits(dtype)) / 8)
    return std::nullopt;
  return Integers{t, dtype, {raw->bytes.begin(), raw->bytes.end()}, *std::move(values)};
}

/// Many bits fewer on the average: sums of products have no such values by chance, least of all where they are many.
double fewer_bits(std::size_t count) { return count < 8 ? 8 : 4; }

/// The other order has small values, the stored one large ones.
bool only_other_order_fits(const Integers& x, std::vector<double>& other) {
  const auto decoded = source::decode_numbers(x.dtype, swapped(x.raw, x.width()), x.values.size());
  if (!decoded) return false;
  other = *decoded;
  const Magnitudes as_stored = magnitudes(x.values), turned = magnitudes(other);
  return as_stored.count >= 2 && turned.most < (1 << 30) && as_stored.bits - turned.bits > fewer_bits(as_stored.count);
}

void report(const RuleContext& c, NodeRef ref, const Integers& x, std::string_view what, std::string_view code, std::string why,
            Fix mend, std::vector<double> right, Findings& findings) {
  const TensorRef t = x.tensor;
  const auto bytes = source::encode_numbers(x.dtype, right);
  if (!bytes) return;
  Finding f =
      finding(Severity::error, Cause::data_out_of_range,
              fmt::format("{} of {} holds {}", what, in_quotes(c.model.display_name(ref)), code), {c.model.place(ref, t)});
  if (const OpRow* row = source::row_of(c.model, c.model[ref]))
    for (const TensorRef operand : c.model[ref].inputs)
      if (const NodeRef maker = operand && !operand.dangling() ? c.uses.producer(operand) : NodeRef{};
          row && maker && !c.model[maker].inputs.empty() && c.model[maker].inputs[0] == t)
        f.diagnostic.places.insert(f.diagnostic.places.begin(), c.model.place(maker, t));
  Diagnostic& d = f.diagnostic;
  const Magnitudes as_stored = magnitudes(x.values), then = magnitudes(right);
  d.expected = fmt::format("{} in little-endian order", name(x.dtype));
  d.found = std::string(code);
  d.evidence = {evidence("declared", type_text(c.model[t])),
                evidence("stored", fmt::format("magnitudes {} to {}", number_text(as_stored.least), number_text(as_stored.most))),
                evidence("read so", fmt::format("magnitudes {} to {}", number_text(then.least), number_text(then.most)))};
  d.why = std::move(why);
  d.fix = std::move(mend);
  f.edits = {source::SetData{t, Buffer::copy_of(*bytes)}};
  f.rests_on = {Fact::tensor(t, Aspect::dtype)};
  f.breaks = {Fact::tensor(t, Aspect::data)};
  findings.add(std::move(f));
}

Fix turn(const RuleContext& c, TensorRef t) {
  return fix("other-byte-order", Confidence::likely, fmt::format("turn the bytes of {}", in_quotes(c.model.display_name(t))));
}

void check_bias(const RuleContext& c, const BrokenFacts& broken, NodeRef ref, std::set<TensorRef>& told, Findings& findings) {
  const auto rule = product_rule(c.model, c.uses, ref);
  const auto x = rule ? integers_of(c, broken, rule->bias.stored) : std::nullopt;
  if (!x || told.contains(x->tensor)) return;
  std::vector<double> right;
  if (only_other_order_fits(*x, right)) {
    told.insert(x->tensor);
    report(c, ref, *x, "the bias", "numbers in big-endian order", "a tool on a big-endian machine wrote its own order",
           turn(c, x->tensor), std::move(right), findings);
    return;
  }
  // The bits of floats: large integers, all of which are reals of a bias' size.
  const std::span<const double> scales = rule->bias.scales;
  if (x->dtype != DType::int32 || scales.empty() || (scales.size() != 1 && scales.size() != x->values.size())) return;
  const auto floats = source::decode_numbers(DType::float32, x->raw, x->values.size());
  const Magnitudes as_stored = magnitudes(x->values);
  if (!floats || as_stored.count < 2 || as_stored.least < (1 << 28)) return;
  right.resize(floats->size());
  for (std::size_t i = 0; i < right.size(); ++i) {
    right[i] = std::nearbyint((*floats)[i] / scales[scales.size() == 1 ? 0 : i]);
    if (!std::isfinite(right[i]) || std::fabs(right[i]) >= 2147483647.0) return;
  }
  const Magnitudes then = magnitudes(right);
  if (then.count < 2 || as_stored.bits - then.bits < fewer_bits(then.count)) return;
  told.insert(x->tensor);
  report(c, ref, *x, "the bias", "the bits of floats", "a tool declared int32 and wrote the floats that were there before",
         fix("quantize-bias", Confidence::likely,
             fmt::format("store {} as integers at its scale, input scale * weight scale",
                         in_quotes(c.model.display_name(x->tensor)))),
         std::move(right), findings);
}

/// A RESHAPE's shape: as many elements as the input has, in the other order only.
void check_shape(const RuleContext& c, const BrokenFacts& broken, NodeRef ref, std::set<TensorRef>& told, Findings& findings) {
  const source::SourceNode& node = c.model[ref];
  if ((node.op != "RESHAPE" && node.op != "Reshape") || node.inputs.size() < 2 || !node.inputs[0] || node.inputs[0].dangling())
    return;
  const auto x = integers_of(c, broken, node.inputs[1]);
  if (!x || told.contains(x->tensor)) return;
  const auto decoded = source::decode_numbers(x->dtype, swapped(x->raw, x->width()), x->values.size());
  if (!decoded) return;
  constexpr double most = 1 << 16;
  const auto a_dimension = [&](double v) { return v >= -1 && v < most; };
  const bool as_stored = std::ranges::all_of(x->values, a_dimension);
  const bool turned = std::ranges::all_of(*decoded, a_dimension) && magnitudes(*decoded).count > 0;
  if (as_stored || !turned) return;
  told.insert(x->tensor);
  report(c, ref, *x, "the target shape", "numbers in big-endian order", "a tool on a big-endian machine wrote its own order",
         turn(c, x->tensor), *decoded, findings);
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  each_node(c.model, [&](NodeRef ref, const source::SourceNode&) {
    if (broken.any(ref)) return;
    check_bias(c, broken, ref, told, findings);
    check_shape(c, broken, ref, told, findings);
  });
}

}  // namespace

extern constexpr Rule byte_order{
    .code = "QG3123",
    .title = "wide integers are in another byte order, or the bits of floats",
    .phase = Phase::sizes,
    .reads_data = true,
    .explanation =
        R"(Models are stored in little-endian order. Converters that ran on a big-endian machine, or were built for a
big-endian target, wrote their own order; and some tools declare the bias int32 and leave the floats in its place. The
file loads everywhere, and every output is wrong.

It is told only where the bytes leave no doubt: the values are huge as they stand, and small by many bits when the bytes
are turned, or a real of a bias' size when they are read as floats. The mend turns the bytes, or quantizes the floats at
the scale beside them.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
