// QG3208: an op that only moves elements, or pools them, and parameters that differ before and behind it.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

struct Parameters {
  double scale = 0, zero_point = 0;
  bool near(const Parameters& o) const { return std::fabs(scale / o.scale - 1) < 1e-3 && zero_point == o.zero_point; }
  std::string text() const { return fmt::format("scale {}, zero point {}", number_text(scale), zero_point); }
};

std::optional<Parameters> parameters_of(const RuleContext& c, const BrokenFacts& broken, TensorRef t) {
  if (!t || t.dangling() || broken.any(t)) return std::nullopt;
  const DType dtype = stored_dtype(c.model, c.uses, t);
  const source::QuantizationSite* s = source::site_of(c.model, c.uses, t);
  if (!is_integer(dtype) || bits(dtype) > 16 || !s || s->where != source::Where::tensor || informs_only(c.model, *s))
    return std::nullopt;
  if (s->scales.values.size() != 1 || s->zero_points.values.size() > 1 || !sound_scale(s->scales.values[0])) return std::nullopt;
  return Parameters{s->scales.values[0], s->zero_points.values.empty() ? 0 : s->zero_points.values[0]};
}

/// How many of a tensor's neighbours, without `besides`, agree that these are its parameters.
int support(const RuleContext& c, const BrokenFacts& broken, TensorRef t, const Parameters& p, NodeRef besides) {
  int count = 0;
  for (const NodeRef reader : readers_of(c.model, c.uses, t)) {
    if (reader == besides) continue;
    if (const auto rule = product_rule(c.model, c.uses, reader); rule && rule->input.stored == t &&
                                                                 !rule->weights.scales.empty() &&
                                                                 rule->bias.scales.size() == rule->weights.scales.size())
      count += std::fabs(rule->bias.scales[0] / (p.scale * rule->weights.scales[0]) - 1) < 5e-3 ? 1 : -1;
    if (keeps_parameters(c.model, reader) && !c.model[reader].outputs.empty())
      if (const auto other = parameters_of(c, broken, c.model[reader].outputs[0])) count += other->near(p) ? 1 : -1;
  }
  const NodeRef maker = c.uses.producer(t);
  if (!maker || maker == besides) return count;
  if (const auto fixed = prescribed_output(c.model, maker, c.model[t].dtype))
    count += p.near({fixed->scale, static_cast<double>(fixed->zero_point)}) ? 1 : -1;
  if (keeps_parameters(c.model, maker) && !c.model[maker].inputs.empty())
    if (const auto other = parameters_of(c, broken, c.model[maker].inputs[0])) count += other->near(p) ? 1 : -1;
  if (cuts_at_zero(c.model, maker)) count += p.zero_point == static_cast<double>(integer_range(c.model[t].dtype).min) ? 1 : -1;
  return count;
}

/// `told`: the finding of each tensor that is blamed already. Several ops may move it, and it is one fault.
void report(const RuleContext& c, const BrokenFacts& broken, NodeRef ref, TensorRef in, TensorRef out,
            std::map<TensorRef, std::size_t>& told, Findings& findings) {
  const auto a = parameters_of(c, broken, in), b = parameters_of(c, broken, out);
  if (!a || !b || a->near(*b) || c.model[in].dtype != c.model[out].dtype) return;
  // Which of the two, changed, contradicts fewer of the others? Where nothing tells, the op's output.
  const int change_out = support(c, broken, out, *a, ref) - support(c, broken, out, *b, ref);
  const int change_in = support(c, broken, in, *b, ref) - support(c, broken, in, *a, ref);
  const bool blame_in = change_in > change_out && !c.model[in].data.exists();
  const TensorRef wrong = blame_in ? in : out;
  const Parameters &found = blame_in ? *a : *b, &right = blame_in ? *b : *a;
  if (const auto known = told.find(wrong); known != told.end()) {
    std::vector<Place>& places = findings.list()[known->second].diagnostic.places;
    for (Place p : {c.model.place(ref, wrong), c.model.place(ref, blame_in ? out : in)})
      if (std::ranges::find(places, p) == places.end()) places.push_back(std::move(p));
    return;
  }
  if (told.contains(blame_in ? out : in)) return;  // which is the one to be changed
  const source::SourceNode& node = c.model[ref];
  Finding f = finding(Severity::warning, Cause::inconsistent_quantization,
                      fmt::format("{} {} moves integers unchanged from {} to {}", node.op, in_quotes(c.model.display_name(ref)),
                                  a->text(), b->text()),
                      {});
  Diagnostic& d = f.diagnostic;
  if (const NodeRef maker = c.uses.producer(wrong); maker && maker != ref) d.places.push_back(c.model.place(maker, wrong));
  d.places.push_back(c.model.place(ref, wrong));
  d.places.push_back(c.model.place(ref, blame_in ? out : in));
  d.expected = right.text();
  d.found = found.text();
  d.evidence = {evidence("before", fmt::format("{}: {}", in_quotes(c.model.display_name(in)), a->text())),
                evidence("behind", fmt::format("{}: {}", in_quotes(c.model.display_name(out)), b->text()))};
  if (change_in != change_out)
    d.evidence.push_back(evidence("others", fmt::format("what else reads or makes {} agrees with {}",
                                                        in_quotes(c.model.display_name(wrong)), right.text())));
  d.why = "the op copies elements, so that the same integer stands for another real behind it";
  d.fix = Fix{.id = "same-parameters",
              .confidence = Confidence::likely,
              .description = fmt::format("give {} {}", in_quotes(c.model.display_name(wrong)), right.text())};
  f.edits = set_parameters(
      c.model, wrong,
      Quantization{
          .scales = {static_cast<float>(right.scale)}, .zero_points = {static_cast<std::int64_t>(right.zero_point)}, .axis = -1});
  f.rests_on = {Fact::tensor(in, Aspect::dtype), Fact::tensor(out, Aspect::dtype)};
  f.breaks = {Fact::tensor(wrong, Aspect::quantization)};
  told.emplace(wrong, findings.list().size());
  findings.add(std::move(f));
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::map<TensorRef, std::size_t> told;
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    if (broken.any(ref) || node.outputs.empty() || !keeps_parameters(c.model, ref)) return;
    for (const TensorRef out : node.outputs) {
      if (!out || out.dangling()) continue;
      // Where uint8 is concatenated, TensorFlow Lite's kernel rescales; maxima and padding values come with parameters of their
      // own.
      const bool joins = node.op == "CONCATENATION" || node.op == "PACK";
      if (joins && c.model[out].dtype == DType::uint8) continue;
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const TensorRef in = node.inputs[i];
        if (in && !in.dangling() && (i == 0 || joins || !c.model[in].data.exists()))
          report(c, broken, ref, in, out, told, findings);
      }
    }
  });
}

}  // namespace

extern constexpr Rule same_parameters{
    .code = "QG3208",
    .title = "an op that moves elements has other parameters before than behind it",
    .phase = Phase::quantization,
    .explanation =
        R"(Reshape, transpose, slice, concatenation, padding and pooling copy integers, or choose among them. So their input and
output must have the same scale and zero point. Here they differ: some runtimes refuse the file, others copy, and the same
integer then stands for another real.

It comes about when activations of one tensor are calibrated anew, or a converter leaves out the requantization. The
mend looks at what else reads and makes the two tensors, the bias scales above all, changes the one whose parameters
contradict more, and says on what grounds.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
