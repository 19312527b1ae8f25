// QG3201: an op computes with a tensor of integers as reals, and nothing says how the integers stand for reals.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

bool small_integer(DType d) { return is_integer(d) && bits(d) <= 16; }

/// A node that needs a tensor's parameters, and the tensor's part in it.
struct Need {
  NodeRef node{};
  std::string role{};
};

/// The op has a kernel for integers of this dtype with parameters, and none without.
bool computes_in_reals(const OpDef& op, DType stored) {
  const auto takes = [&](DType d) { return std::ranges::find(op.reference, d, &KernelDef::primary) != op.reference.end(); };
  return takes(quantized(stored)) && !takes(stored) && !takes(DType::unknown);
}

void needs_of_node(const source::Model& m, const source::Uses& uses, NodeRef ref, std::map<TensorRef, std::vector<Need>>& needs) {
  const source::SourceNode& node = m[ref];
  const OpRow* row = row_of(m, node);
  if (!row) return;
  const auto need = [&](TensorRef t, std::string_view role) {
    if (t && !t.dangling() && !has_parameters(m, uses, t)) needs[t].push_back({ref, std::string(role)});
  };
  const auto dtype_of = [&](TensorRef t) { return t && !t.dangling() ? m[t].dtype : DType::unknown; };
  const auto need_small = [&](TensorRef t, std::string_view role) {
    if (small_integer(dtype_of(t))) need(t, role);
  };
  if (row->integer_accumulator) {
    const TensorRef input = operand(m, node, *row, "input"), weights = operand(m, node, *row, "weights"),
                    bias = operand(m, node, *row, "bias");
    // Ops that take scales as operands have none for the bias: it is at the product by definition.
    if (operand_position(row->operands, "weights_scale")) return;
    need_small(input, "input");
    need_small(weights, "weights");
    if (small_integer(dtype_of(input)) && (dtype_of(bias) == DType::int32 || dtype_of(bias) == DType::int64)) need(bias, "bias");
    for (const TensorRef t : node.outputs) need_small(t, "output");
    return;
  }
  const OpDef* op = canonical_op(*row);
  const auto primary = static_cast<std::size_t>(op ? std::max(op->primary, 0) : 0);
  if (!op || primary >= node.inputs.size()) return;
  const DType stored = dtype_of(node.inputs[primary]);
  if (!small_integer(stored) || !computes_in_reals(*op, stored)) return;
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (dtype_of(node.inputs[i]) == stored)
      need(node.inputs[i], operand_at(row->operands, i).value_or(Operand{.name = "input"}).name);
  for (const TensorRef t : node.outputs)
    if (dtype_of(t) == stored) need(t, "output");
}

/// TensorFlow Lite: integers that an op moves from, or to, a tensor with parameters, and that have none themselves. Kernels copy
/// them; what asks the tensor for its parameters (a caller, a converter) gets none.
void moved_without_scale(const RuleContext& c, const BrokenFacts& broken, const std::map<TensorRef, std::vector<Need>>& needs,
                         Findings& out) {
  if (c.model.format != "tflite") return;
  const source::Model& m = c.model;
  for (std::uint32_t g = 0; g < m.graphs.size(); ++g)
    for (std::uint32_t n = 0; n < m.graphs[g].nodes.size(); ++n) {
      const NodeRef ref{g, n};
      const source::SourceNode& node = m[ref];
      if (node.inputs.empty() || node.outputs.empty() || broken.any(ref) || !keeps_parameters(m, ref)) continue;
      const TensorRef from = node.inputs[0], t = node.outputs[0];
      if (!from || !t || from.dangling() || t.dangling() || !small_integer(m[t].dtype) || m[t].dtype != m[from].dtype ||
          needs.contains(t))
        continue;
      if (has_parameters(m, c.uses, t) || !has_parameters(m, c.uses, from) || broken.any(t) || broken.any(from)) continue;
      const source::QuantizationSite* site = source::site_of(m, c.uses, from);
      if (!site || site->scales.values.size() != 1 || !sound_scale(site->scales.values[0])) continue;
      Finding f{};
      Diagnostic& d = f.diagnostic;
      d.severity = Severity::warning;
      d.cause = Cause::missing_quantization;
      d.headline = fmt::format("{} of {} {} has no scale; its input has one", in_quotes(m.display_name(t)), node.op,
                               in_quotes(m.display_name(ref)));
      d.places = {m.place(ref, t)};
      d.expected = "the parameters of the input";
      d.found = "none";
      d.evidence = {
          evidence("declared", type_text(m[t])),
          evidence("input", fmt::format("scale {} of {}", number_text(site->scales.values[0]), in_quotes(m.display_name(from))))};
      d.why = "the op moves integers unchanged; whoever asks what they stand for gets no answer";
      Quantization q = quantization_of(*site);
      q.axis = -1;
      d.fix = Fix{.id = "scale-of-what-is-moved",
                  .confidence = Confidence::safe,
                  .description = Guess{q}.describe(m.display_name(t)),
                  .max_change = 0.0};
      f.edits = {source::SetQuantization{.site = site_to_set(m, t), .tensor = t, .quantization = std::move(q)}};
      f.rests_on = {Fact::tensor(t, Aspect::dtype)};
      f.breaks = {Fact::tensor(t, Aspect::quantization)};
      out.add(std::move(f));
    }
}

void report(const RuleContext& c, TensorRef t, const std::vector<Need>& needs, Findings& out) {
  const source::Model& m = c.model;
  const source::SourceTensor& tensor = m[t];
  const bool is_bias = std::ranges::all_of(needs, [](const Need& n) { return n.role == "bias"; });
  // The node that made the tensor was to give it its parameters; a constant belongs to the first that reads it.
  const NodeRef producer = c.uses.producer(t);
  const Need& first = needs.front();
  Finding f{};
  Diagnostic& d = f.diagnostic;
  d.severity = is_bias ? Severity::warning : Severity::error;
  d.cause = Cause::missing_quantization;
  d.headline =
      fmt::format("{} {} of {} {} no scale", name(tensor.dtype), first.role == "input" && producer ? "result" : first.role,
                  in_quotes(m.display_name(producer ? producer : first.node)), first.role == "weights" ? "have" : "has");
  d.places.push_back(m.place(producer ? producer : first.node, t));
  for (const Need& n : needs)
    if (const Place p = m.place(n.node, t); std::ranges::find(d.places, p) == d.places.end()) d.places.push_back(p);
  d.expected = "a scale and a zero point";
  d.found = "none";
  d.evidence.push_back(evidence("declared", type_text(tensor)));
  d.why = fmt::format("{} computes with what the integers stand for", m[first.node].op);
  f.rests_on = {Fact::tensor(t, Aspect::dtype), Fact::tensor(t, Aspect::existence)};
  f.breaks = {Fact::tensor(t, Aspect::quantization)};
  if (std::optional<Guess> guess = guess_parameters(m, c.uses, t)) {
    d.evidence.push_back(evidence("follows", guess->because));
    d.fix = Fix{.id = guess->id, .confidence = guess->confidence, .description = guess->describe(m.display_name(t))};
    if (guess->confidence == Confidence::safe) d.fix->max_change = 0.0;
    f.edits.push_back(
        source::SetQuantization{.site = site_to_set(m, t), .tensor = t, .quantization = std::move(guess->quantization)});
  } else {
    d.fix = Fix{.id = "give-scale",
                .confidence = Confidence::needs_input,
                .description = fmt::format("give {} the scale it was quantized with", in_quotes(m.display_name(t)))};
  }
  out.add(std::move(f));
}

void check(const RuleContext& c, Findings& out) {
  std::map<TensorRef, std::vector<Need>> needs;
  for (std::uint32_t g = 0; g < c.model.graphs.size(); ++g)
    for (std::uint32_t n = 0; n < c.model.graphs[g].nodes.size(); ++n) needs_of_node(c.model, c.uses, {g, n}, needs);
  const BrokenFacts broken(out);
  moved_without_scale(c, broken, needs, out);
  for (const auto& [tensor, list] : needs)
    if (!broken.has(Fact::tensor(tensor, Aspect::dtype)) && !broken.has(Fact::tensor(tensor, Aspect::quantization)))
      report(c, tensor, list, out);
}

}  // namespace

extern constexpr Rule scale_missing{
    .code = "QG3201",
    .title = "quantized values have no scale",
    .phase = Phase::quantization,
    .explanation =
        R"(A tensor holds 8- or 16-bit integers (or a 32-bit bias), an op computes with the reals that they stand for, and the
file does not say which: the scale is missing. Ops that only move values (reshape, gather) or compare them do not need
one.

It comes about when a tool changes a dtype and not the rest, or drops the parameters it does not know.

What only moves integers (reshape -> reshape) and lost its parameters is a warning: kernels copy, but nobody can tell what
the result stands for; the mend writes those of the input, which changes no output.

Some scales follow from others: a bias has the product of the scales of input and weights (mended without any change
of meaning); weights have bias scale / input scale, an input has bias scale / weight scale, and what is reshaped or
pooled keeps its parameters (likely). Any other must be given by whoever quantized the model.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
