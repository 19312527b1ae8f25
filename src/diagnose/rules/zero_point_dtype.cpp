// QG3113: a zero point has another dtype than the integers that it belongs to.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "diagnose/onnx_values.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "diagnose/zero_point_evidence.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::TensorRef;

/// The dtype of the integers, where something other than this zero point says it.
DType dtype_of_integers(const RuleContext& c, const source::QuantizationSite& site) {
  if (c.model[site.stored].data.exists()) return c.model[site.stored].dtype;
  const source::NodeRef maker = c.uses.producer(site.stored);
  if (!maker || maker == site.node) {
    // The node writes them: its readers say what they expect.
    if (!is_float(site.zero_points.dtype) && can_be_quantized_to(site.zero_points.dtype)) return DType::unknown;
    for (const std::uint32_t s : c.uses.sites(site.stored)) {
      const source::QuantizationSite& other = c.model.sites[s];
      if (other.node != site.node && other.stored == site.stored && is_integer(other.zero_points.dtype) &&
          can_be_quantized_to(other.zero_points.dtype))
        return other.zero_points.dtype;
    }
    return DType::unknown;
  }
  if (const auto made = dtype_made(c.model, c.uses, site.stored); made && is_integer(*made)) return *made;
  for (const std::uint32_t s : c.uses.sites(site.stored)) {
    const DType zero = c.model.sites[s].zero_points.dtype;
    if (c.model.sites[s].node == maker && is_integer(zero)) return can_be_quantized_to(zero) ? zero : DType::unknown;
  }
  return DType::unknown;
}

/// Looked at also where weights are not read otherwise: loading must not take the wrong of the two for right.
/// The stored bytes lie nearer to the zero point when read in the zero point's dtype: weights are small, so their label is wrong.
bool bytes_fit_zero_point(const RuleContext& c, TensorRef stored, TensorRef zero) {
  const DType label = c.model[stored].dtype, other = c.model[zero].dtype;
  if (!is_integer(label) || !is_integer(other) || bits(label) != 8 || bits(other) != 8 || !c.model[stored].data.exists())
    return false;
  const Result<Buffer> data = c.model.data(stored);
  const auto zeros = c.model.numbers(zero);
  if (!data.ok() || !zeros || zeros->empty() || data->bytes.empty()) return false;
  const auto spread = [&](DType d, double about) {
    double sum = 0;
    for (const std::byte b : data->bytes) {
      const auto u = std::to_integer<std::uint8_t>(b);
      const double v = is_signed(d) ? static_cast<double>(static_cast<std::int8_t>(u)) : static_cast<double>(u);
      sum += std::fabs(v - about);
    }
    return sum;
  };
  return spread(other, (*zeros)[0]) < 0.7 * spread(label, (*zeros)[0]);
}

/// The zero point of the node that made the integers: the same, but counted from the other end of 8 bits.
TensorRef counted_from_other_end(const RuleContext& c, const source::QuantizationSite& site) {
  const source::NodeRef maker = c.uses.producer(site.stored);
  if (!maker || maker == site.node || bits(site.zero_points.dtype) != 8 || !is_integer(site.zero_points.dtype)) return {};
  for (const std::uint32_t s : c.uses.sites(site.stored)) {
    const source::QuantizationSite& made = c.model.sites[s];
    const std::vector<double>&a = made.zero_points.values, &b = site.zero_points.values;
    if (made.node != maker || made.stored != site.stored || made.zero_points.tensor.graph != site.node.graph || a.empty() ||
        a.size() != b.size() || bits(made.zero_points.dtype) != 8)
      continue;
    const double shift = is_signed(made.zero_points.dtype) ? 128 : -128;
    if (std::ranges::equal(a, b, [&](double x, double y) { return x + shift == y; })) return made.zero_points.tensor;
  }
  return {};
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  for (const source::QuantizationSite& site : c.model.sites) {
    const TensorRef zero = site.zero_points.tensor;
    if (site.where != source::Where::node_inputs || !site.stored || !zero || zero.dangling() || site.block_size != 0) continue;
    if (broken.any(site.stored) || broken.any(zero) || broken.any(site.node)) continue;
    const DType meant = dtype_of_integers(c, site), found = c.model[zero].dtype;
    if (!is_integer(meant) || found == DType::unknown || found == meant) continue;
    if (is_float(found) && is_float(c.model[site.stored].dtype)) continue;
    if (!told.insert(zero).second) continue;
    Finding f = finding(
        Severity::warning, Cause::dtype_contradiction,
        fmt::format("the zero point {} is {}, the integers {} that it belongs to are {}", in_quotes(c.model.display_name(zero)),
                    name(found), in_quotes(c.model.display_name(site.stored)), name(meant)),
        {c.model.place(site.node, zero), c.model.place(site.node, site.stored)});
    Diagnostic& d = f.diagnostic;
    d.expected = std::string(name(meant));
    d.found = std::string(name(found));
    d.evidence = {evidence("integers", type_text(c.model[site.stored])), evidence("zero", type_text(c.model[zero]))};
    d.why = "the two are one dtype by the op's definition; runtimes that compare them refuse the file";
    if (bytes_fit_zero_point(c, site.stored, zero)) {
      d.severity = Severity::error;
      std::swap(d.expected, d.found);
      std::swap(d.places[0], d.places[1]);
      d.evidence.push_back(evidence(
          "values", fmt::format("read as {} they lie about the zero point, as {} they do not", name(found), name(meant))));
      d.why = "the label of the integers was changed, and the zero point left as it was";
      d.fix = fix(
          "relabel-" + std::string(name(found)), Confidence::likely,
          fmt::format("read {} as {}, the dtype of its zero point", in_quotes(c.model.display_name(site.stored)), name(found)));
      f.edits = {source::SetDType{site.stored, found}};
      f.breaks = {Fact::tensor(site.stored, Aspect::dtype), Fact::tensor(zero, Aspect::dtype)};
      findings.add(std::move(f));
      continue;
    }
    if (bits(meant) == 64 && bits(found) == 32 && c.model[site.stored].data.exists()) {
      d.severity = Severity::error;
      std::swap(d.expected, d.found);
      std::swap(d.places[0], d.places[1]);
      d.why = "the op dequantizes at most 32 bits";
      const auto integers = c.model.numbers(site.stored);
      const IntegerRange narrow = integer_range(found);
      const bool all_fit = integers && std::ranges::all_of(*integers, [&](double v) {
                             return v >= static_cast<double>(narrow.min) && v <= static_cast<double>(narrow.max);
                           });
      if (const auto bytes = all_fit ? source::encode_numbers(found, *integers) : std::nullopt) {
        d.fix =
            fix("narrow-integers", Confidence::safe,
                fmt::format("store {} as {}, the same values", in_quotes(c.model.display_name(site.stored)), name(found)), 0.0);
        f.edits = {source::SetDType{site.stored, found}, source::SetData{site.stored, Buffer::copy_of(*bytes)}};
      }
      f.breaks = {Fact::tensor(site.stored, Aspect::dtype), Fact::tensor(zero, Aspect::dtype)};
      findings.add(std::move(f));
      continue;
    }
    if (const TensorRef of_maker = counted_from_other_end(c, site); of_maker && of_maker != zero) {
      d.severity = Severity::error;
      d.evidence.push_back(evidence("maker", fmt::format("its zero point {} is {}", in_quotes(c.model.display_name(of_maker)),
                                                         number_text(c.model.numbers(of_maker).value_or(std::vector{0.0})[0]))));
      d.why = "one node of the pair was moved to the other signedness, by 128, and the other left";
      d.fix = fix("zero-point-of-the-pair", Confidence::likely,
                  fmt::format("read {} here too", in_quotes(c.model.display_name(of_maker))));
      for (std::uint32_t i = 0; i < c.model[site.node].inputs.size(); ++i)
        if (c.model[site.node].inputs[i] == zero) f.edits.emplace_back(source::SetInput{site.node, i, of_maker});
      f.breaks = {Fact::tensor(zero, Aspect::dtype), Fact::tensor(site.stored, Aspect::quantization)};
      findings.add(std::move(f));
      continue;
    }
    const auto values = c.model.numbers(zero);
    const IntegerRange range = integer_range(meant);
    const bool fit = values && !values->empty() && std::ranges::all_of(*values, [&](double v) {
                       return v >= static_cast<double>(range.min) && v <= static_cast<double>(range.max) &&
                              v == static_cast<double>(static_cast<std::int64_t>(v));
                     });
    const auto bytes = fit ? source::encode_numbers(meant, *values) : std::nullopt;
    if (bytes) {
      const auto [low, high] = std::ranges::minmax(*values);
      d.evidence.push_back(evidence("values", low == high ? number_text(low) : fmt::format("{} to {}", low, high)));
      d.fix = fix("zero-point-of-the-integers", Confidence::safe,
                  fmt::format("store {} as {}, the same values", in_quotes(c.model.display_name(zero)), name(meant)), 0.0);
      f.edits = retype_zero_point(c.model, c.uses, zero, meant, Buffer::copy_of(*bytes));
    }
    f.breaks = {Fact::tensor(zero, Aspect::dtype)};
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule zero_point_dtype{
    .code = "QG3113",
    .title = "a zero point's dtype is not that of its integers",
    .phase = Phase::sizes,
    .explanation =
        R"(Where the zero point is a tensor, as in ONNX, it has the dtype of the integers that it belongs to. Tools store it as
float32, as int32, or as the other of int8 and uint8. ONNX Runtime refuses the file.

Where all values are whole and fit, the mend stores the same values in the right dtype. Of weights it looks at the bytes first:
where they lie about the zero point only when read in its dtype, the label of the weights is wrong, and the mend writes that.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
