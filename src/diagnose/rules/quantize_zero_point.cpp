// QG3121: the zero point of a node that quantizes has a dtype to which nothing is quantized, and no reader names another.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "diagnose/onnx_values.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "diagnose/zero_point_evidence.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

struct Meant {
  DType dtype = DType::unknown;
  std::string because{};
};

bool fits(const std::vector<double>& values, DType dtype) {
  const IntegerRange range = integer_range(dtype);
  return std::ranges::all_of(values, [&](double v) {
    return v >= static_cast<double>(range.min) && v <= static_cast<double>(range.max) && v == std::trunc(v);
  });
}

/// The node writes the integers of this site, and its zero point cannot say which.
bool says_none(const RuleContext& c, const BrokenFacts& broken, const source::QuantizationSite& s) {
  const TensorRef zero = s.zero_points.tensor;
  return s.where == source::Where::node_inputs && s.stored && zero && !zero.dangling() && s.node &&
         c.uses.producer(s.stored) == s.node && c.model[zero].dtype != DType::unknown &&
         !can_be_quantized_to(c.model[zero].dtype) && !broken.any(zero) && !broken.any(s.node) && !broken.any(s.stored);
}

/// What readers of a value, or of what ops that move its elements make of it, say of its dtype.
DType of_readers(const RuleContext& c, TensorRef value, int steps = 4) {
  for (const std::uint32_t s : c.uses.sites(value)) {
    const source::QuantizationSite& other = c.model.sites[s];
    if (other.stored == value && other.zero_points.tensor && is_integer(other.zero_points.dtype) &&
        can_be_quantized_to(other.zero_points.dtype))
      return other.zero_points.dtype;
  }
  for (const auto& use : c.uses.consumers(value)) {
    if (steps == 0 || use.input != 0 || c.model[use.node].outputs.empty() || !keeps_parameters(c.model, use.node)) continue;
    if (const DType d = of_readers(c, c.model[use.node].outputs[0], steps - 1); d != DType::unknown) return d;
  }
  return DType::unknown;
}

/// Nothing below zero reaches the quantizing node.
bool never_negative(const RuleContext& c, TensorRef value, int steps = 6) {
  const NodeRef maker = value && !value.dangling() ? c.uses.producer(value) : NodeRef{};
  if (!maker || steps == 0) return false;
  const source::SourceNode& node = c.model[maker];
  if (node.op == "Relu" || node.op == "Sigmoid" || node.op == "Softmax" || node.op == "HardSigmoid") return true;
  if (node.op == "Clip") {
    const auto least =
        node.inputs.size() > 1 && node.inputs[1] && !node.inputs[1].dangling() ? c.model.numbers(node.inputs[1]) : std::nullopt;
    return least && !least->empty() && (*least)[0] >= 0;
  }
  const bool passes = keeps_parameters(c.model, maker) || node.op == "QuantizeLinear" || node.op == "DequantizeLinear" ||
                      node.op == "MaxPool" || node.op == "AveragePool" || node.op == "GlobalAveragePool";
  return passes && !node.inputs.empty() && never_negative(c, node.inputs[0], steps - 1);
}

struct Pool {
  bool positive_at_zero = false;   ///< a value that is never negative has zero point 0
  std::vector<double> zeros{};     ///< of all that is in doubt
  std::set<DType> of_others[2]{};  ///< what other nodes write: of values that may be negative, and of those that never are
};

/// A constant with values below zero: about 0 they want signed integers.
bool negative_constant(const RuleContext& c, TensorRef value) {
  if (!value || value.dangling() || !c.model[value].data.exists()) return false;
  const auto values = c.model.numbers(value, 1U << 20);
  return values && std::ranges::any_of(*values, [](double v) { return v < 0; });
}

Pool pool_of(const RuleContext& c, const BrokenFacts& broken) {
  Pool pool;
  for (const source::QuantizationSite& s : c.model.sites) {
    if (s.real && !s.real.dangling() && c.model[s.real].data.exists()) continue;  // weights have a dtype of their own
    if (says_none(c, broken, s)) {
      pool.zeros.insert(pool.zeros.end(), s.zero_points.values.begin(), s.zero_points.values.end());
      const bool at_zero = std::ranges::all_of(s.zero_points.values, [](double z) { return z == 0; });
      pool.positive_at_zero = pool.positive_at_zero || (at_zero && never_negative(c, s.real));
    }
    if (s.node && s.stored && c.uses.producer(s.stored) == s.node && is_integer(s.zero_points.dtype) &&
        can_be_quantized_to(s.zero_points.dtype))
      pool.of_others[never_negative(c, s.real) ? 1 : 0].insert(s.zero_points.dtype);
  }
  return pool;
}

/// The dtype of 8 bits that the zero point, those of the others, and the values allow.
Meant meant_by_all(const RuleContext& c, const source::QuantizationSite& site, const Pool& pool) {
  if (negative_constant(c, site.real) && std::ranges::all_of(site.zero_points.values, [](double z) { return z == 0; }))
    return {DType::int8, "its values are negative too, which uint8 does not hold about 0"};
  const bool positive = never_negative(c, site.real);
  const std::set<DType>& alike =
      pool.of_others[positive ? 1 : 0].empty() ? pool.of_others[positive ? 0 : 1] : pool.of_others[positive ? 1 : 0];
  if (alike.size() == 1)
    return {*alike.begin(), fmt::format("what else this model quantizes of such values is {}", name(*alike.begin()))};
  if (pool.zeros.empty()) return {};
  const auto [low, high] = std::ranges::minmax(pool.zeros);
  const std::string range = fmt::format("{} of 8 bits hold the zero points {} to {}",
                                        low < 0 ? "signed integers" : "unsigned integers", number_text(low), number_text(high));
  if (low < 0 && high <= 127) return {DType::int8, range};
  if (low >= 0 && high > 127 && high <= 255) return {DType::uint8, range};
  if (low >= 0 && high > 255 && high <= 65535)
    return {DType::uint16, fmt::format("it holds the zero points up to {}", number_text(high))};
  if (low == 0 && high > 0 && high <= 255 && pool.positive_at_zero)
    return {DType::uint8, "what is never negative has zero point 0, where int8 would have -128"};
  if (low != 0 || high != 0) return {};
  if (positive) return {DType::uint8, "the values are never negative: about 0, uint8 holds all of them that int8 would"};
  return {DType::int8, "every zero point is 0, and the values may be negative, which uint8 does not hold about 0"};
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::optional<Pool> pool;
  std::map<TensorRef, DType> written;
  for (const source::QuantizationSite& s : c.model.sites) {
    if (!says_none(c, broken, s)) continue;
    // The value may be declared, too.
    const DType declared = c.model[s.stored].dtype;
    Meant meant{is_integer(declared) && can_be_quantized_to(declared) ? declared : of_readers(c, s.stored), {}};
    if (meant.dtype != DType::unknown) meant.because = "what is declared of them, or what reads them, says so";
    // One zero point may serve many nodes: the first of them decides.
    if (const auto known = written.find(s.zero_points.tensor); known != written.end()) meant.dtype = known->second;
    if (meant.dtype == DType::unknown) {
      if (!pool) pool = pool_of(c, broken);
      meant = meant_by_all(c, s, *pool);
    }
    // Every zero point beside these integers: the reader's is often a tensor of its own.
    std::vector<TensorRef> tensors{s.zero_points.tensor};
    for (const std::uint32_t k : c.uses.sites(s.stored))
      if (const TensorRef t = c.model.sites[k].zero_points.tensor; t && !t.dangling() && c.model.sites[k].stored == s.stored &&
                                                                   !can_be_quantized_to(c.model[t].dtype) && !broken.any(t) &&
                                                                   std::ranges::find(tensors, t) == tensors.end())
        tensors.push_back(t);
    const DType found = c.model[s.zero_points.tensor].dtype;
    Finding f = finding(Severity::error, Cause::dtype_contradiction,
                        fmt::format("{} {} has a zero point of {}, to which nothing is quantized", c.model[s.node].op,
                                    in_quotes(c.model.display_name(s.node)), name(found)),
                        {c.model.place(s.node, s.zero_points.tensor), c.model.place(s.node, s.stored)});
    Diagnostic& d = f.diagnostic;
    d.expected = "integers of at most 16 bits";
    d.found = std::string(name(found));
    d.evidence = {evidence("zero", type_text(c.model[s.zero_points.tensor]))};
    d.why = "the zero point's dtype is that of the integers which the node writes, and they have 16 bits at most";
    std::vector<source::Edit> edits;
    bool all_fit = meant.dtype != DType::unknown;
    for (const TensorRef t : tensors) {
      const auto values = c.model.numbers(t);
      const auto bytes =
          all_fit && values && fits(*values, meant.dtype) ? source::encode_numbers(meant.dtype, *values) : std::nullopt;
      all_fit = bytes.has_value();
      if (!all_fit) break;
      const bool added =
          std::ranges::any_of(edits, [](const source::Edit& e) { return std::holds_alternative<source::AddTensor>(e); });
      if (!added && written.emplace(t, meant.dtype).second) {
        auto more = retype_zero_point(c.model, c.uses, t, meant.dtype, Buffer::copy_of(*bytes));
        std::ranges::move(more, std::back_inserter(edits));
      }
      f.breaks.push_back(Fact::tensor(t, Aspect::dtype));
    }
    if (all_fit) {
      d.evidence.push_back(evidence(std::string(name(meant.dtype)), meant.because));
      d.fix = fix("zero-point-of-the-integers", Confidence::likely,
                  fmt::format("store {} as {}, the same values", in_quotes(c.model.display_name(s.zero_points.tensor)),
                              name(meant.dtype)));
      f.edits = std::move(edits);
    }
    f.breaks.push_back(Fact::tensor(s.zero_points.tensor, Aspect::dtype));
    f.breaks.push_back(Fact::tensor(s.stored, Aspect::dtype));
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule quantize_zero_point{
    .code = "QG3121",
    .title = "a node that quantizes has a zero point of a dtype that it cannot write",
    .phase = Phase::sizes,
    .explanation =
        R"(The zero point of a QuantizeLinear also says which integers it writes: int8 or uint8, in newer operator sets
integers of 4 and 16 bits too. PyTorch keeps zero points as int32 or int64, other tools as floats, and exporters wrote
them so. ONNX Runtime refuses the file; a reader that took them for what is meant would not cut at the ends of 8 bits.

Where a reader of the integers has another zero point, that says the dtype (QG3113). Here none does. The mend stores the
same values as the one dtype of all else that the model quantizes (of values that may be negative, and of those that
never are); else as int8 where one of them is negative, as uint8 where one is above 127; where all are 0, by the values.
Where none of these holds, it is not known which was meant.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
