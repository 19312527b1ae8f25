// QG3125: 4-bit weights whose statistics fit the scales and zero points only with the two elements of each byte exchanged.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/stored_bytes.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::TensorRef;

/// How the elements of each scale's group lie about its zero point.
struct Fit {
  std::size_t groups = 0, reaching = 0;  ///< reaching: of the groups, those with an element at the end of the range
  double off_zero = 0;                   ///< sum over the groups of the distance from their mean to the zero point
};

/// The group of element i: its position along the axis, cut into blocks; without blocks the other axes are one.
class Groups {
 public:
  Groups(const Shape& shape, std::size_t axis, std::size_t block) : block_(block) {
    for (std::size_t i = 0; i < shape.rank(); ++i)
      (i < axis ? outer_ : i > axis ? inner_ : length_) *= static_cast<std::size_t>(shape[i]);
    blocks_ = block == 0 ? 1 : (length_ + block - 1) / block;
  }
  std::size_t count() const { return block_ == 0 ? length_ : outer_ * blocks_ * inner_; }
  std::size_t of(std::size_t i) const {
    const std::size_t at = i / inner_ % length_;
    return block_ == 0 ? at : (i / (inner_ * length_) * blocks_ + at / block_) * inner_ + i % inner_;
  }

 private:
  std::size_t block_ = 0, blocks_ = 1, outer_ = 1, length_ = 1, inner_ = 1;
};

Fit fit_of(const std::vector<double>& values, const Groups& groups, const std::vector<double>& zeros, double end,
           bool exchanged) {
  const std::size_t n = groups.count();
  std::vector<double> sum(n), largest(n);
  std::vector<std::size_t> elements(n);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t other = i ^ 1U, g = groups.of(i);
    const double v = values[exchanged && other < values.size() ? other : i];
    sum[g] += v;
    largest[g] = std::max(largest[g], std::fabs(v));
    ++elements[g];
  }
  Fit fit{.groups = n};
  for (std::size_t g = 0; g < n; ++g) {
    if (elements[g] == 0) continue;
    fit.reaching += largest[g] >= end ? 1U : 0U;
    fit.off_zero += std::fabs(sum[g] / static_cast<double>(elements[g]) - (zeros.empty() ? 0 : zeros[zeros.size() == n ? g : 0]));
  }
  return fit;
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  for (const source::QuantizationSite& site : c.model.sites) {
    const TensorRef t = site.stored;
    if (!t || t.dangling() || site.where == source::Where::attributes || informs_only(c.model, site) || broken.any(t)) continue;
    const source::SourceTensor& tensor = c.model[t];
    const std::size_t scales = site.scales.values.size();
    const Shape& shape = tensor.shape;
    if ((tensor.dtype != DType::int4 && tensor.dtype != DType::uint4) || !tensor.data.exists() || !shape.is_static() ||
        scales < 4 || site.axis < 0 || static_cast<std::size_t>(site.axis) >= shape.rank() || told.contains(t))
      continue;
    const Groups groups(shape, static_cast<std::size_t>(site.axis), static_cast<std::size_t>(site.block_size));
    if (groups.count() != scales) continue;
    const auto values = c.model.numbers(t);
    if (!values || values->empty()) continue;
    const std::vector<double>& zeros = site.zero_points.values;
    const double end = is_signed(tensor.dtype) ? 7 : 15;
    const Fit as_stored = fit_of(*values, groups, zeros, end, false), turned = fit_of(*values, groups, zeros, end, true);
    const double mean_off = as_stored.off_zero / static_cast<double>(scales);
    const bool zeros_vary = std::ranges::any_of(zeros, [&](double z) { return z != zeros[0]; });
    const bool by_zero =
        zeros_vary && scales >= 8 && zeros.size() == scales && mean_off > 0.5 && turned.off_zero < 0.5 * as_stored.off_zero;
    const bool by_end = turned.reaching == scales && as_stored.reaching + 2 <= scales;
    if (!by_zero && !by_end) continue;
    told.insert(t);
    Finding f =
        finding(Severity::warning, Cause::data_out_of_range,
                fmt::format("the 4-bit elements of {} seem to lie with the high bits first", in_quotes(c.model.display_name(t))),
                {site.node ? c.model.place(site.node, t) : place_of_constant(c, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = "the first of two elements in the low bits";
    d.found = "the first of two elements in the high bits";
    d.evidence = {evidence("declared", type_text(tensor)), evidence("scales", std::to_string(scales))};
    if (by_end)
      d.evidence.push_back(evidence("largest", fmt::format("{} of {} groups reach {}, all do with the elements exchanged",
                                                           as_stored.reaching, scales, end)));
    if (by_zero)
      d.evidence.push_back(evidence("means", fmt::format("{:.3g} from their zero points, {:.3g} with the elements exchanged",
                                                         mean_off, turned.off_zero / static_cast<double>(scales))));
    d.why = "a tool packed the first element into the high bits; the format wants it in the low ones";
    std::vector<double> right(*values);
    for (std::size_t i = 0; i + 1 < right.size(); i += 2) std::swap(right[i], right[i + 1]);
    if (right.size() % 2 == 0)
      if (const auto bytes = source::encode_numbers(tensor.dtype, right)) {
        d.fix = fix("exchange-nibbles", Confidence::likely,
                    fmt::format("exchange the two elements of each byte of {}", in_quotes(c.model.display_name(t))));
        f.edits = {source::SetData{t, Buffer::copy_of(*bytes)}};
      }
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule nibble_order{
    .code = "QG3125",
    .title = "4-bit weights seem to be packed with the high bits first",
    .phase = Phase::agreement,
    .reads_data = true,
    .explanation =
        R"(Two elements of 4 bits share a byte, the first in its low bits. Some tools put the first into the high bits;
the bytes are as many, the file loads, and every other weight is its neighbour.

Whether it is so shows in the values only where the exchange crosses from one scale's elements to another's: each group
of elements reaches the end of the range by the choice of its scale, and lies about its zero point. It is told where the
groups do so with the elements exchanged and not as they are stored: a warning. Of rows of even length with a scale
each, the values say nothing, and nothing is said.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
