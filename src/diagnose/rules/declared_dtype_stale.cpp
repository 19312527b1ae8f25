// QG3112: what is declared of a value is not what makes it.
#include <spdlog/fmt/fmt.h>

#include "diagnose/onnx_values.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

/// The dtype that a quantizing node writes: that of its output's zero point; nothing where none stands there.
std::optional<DType> written_dtype(const source::QuantizationSite& site) {
  if (!site.zero_points.tensor || !is_integer(site.zero_points.dtype) || bits(site.zero_points.dtype) > 16) return std::nullopt;
  return site.zero_points.dtype;
}

/// Values that no quantizing node makes: by the definitions of the ops on the way from a constant or input.
void check_values(const RuleContext& c, const BrokenFacts& broken, Findings& findings) {
  for (std::uint32_t g = 0; g < c.model.graphs.size(); ++g)
    for (std::uint32_t i = 0; i < c.model.graphs[g].tensors.size(); ++i) {
      const source::TensorRef t{g, i};
      const source::SourceTensor& tensor = c.model[t];
      const source::NodeRef maker = c.uses.producer(t);
      if (!maker || tensor.dtype == DType::unknown || tensor.data.exists() || broken.any(t) || broken.any(maker)) continue;
      if (c.model[maker].op == "QuantizeLinear") continue;
      auto made = dtype_made(c.model, c.uses, t);
      if (!made && is_integer(tensor.dtype) && c.model[maker].outputs[0] == t) made = floats_made(c.model, c.uses, maker);
      if (!made || *made == tensor.dtype) continue;
      Finding f = finding(Severity::warning, Cause::dtype_contradiction,
                          fmt::format("{} is declared {}, but {} makes {}", in_quotes(c.model.display_name(t)),
                                      name(tensor.dtype), c.model[maker].op, name(*made)),
                          {c.model.place(maker, t)});
      Diagnostic& d = f.diagnostic;
      d.expected = std::string(name(*made));
      d.found = std::string(name(tensor.dtype));
      d.evidence = {evidence("declared", type_text(tensor)),
                    evidence("made", fmt::format("{} by {}", name(*made), node_text(c.model, maker)))};
      d.why =
          "what is declared of the value was changed, or is that of another graph; runtimes that compare the two refuse the file";
      d.fix = fix("declare-what-is-made", Confidence::safe,
                  fmt::format("declare {} as {}", in_quotes(c.model.display_name(t)), name(*made)), 0.0);
      f.edits = {source::SetDType{t, *made}};
      f.breaks = {Fact::tensor(t, Aspect::dtype)};
      findings.add(std::move(f));
    }
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  check_values(c, broken, findings);
  for (const source::QuantizationSite& site : c.model.sites) {
    if (site.where != source::Where::node_inputs || !site.stored || c.uses.producer(site.stored) != site.node) continue;
    const auto made = written_dtype(site);
    const source::SourceTensor& tensor = c.model[site.stored];
    if (!made || tensor.dtype == DType::unknown || tensor.dtype == *made || broken.any(site.stored) || broken.any(site.node))
      continue;
    Finding f = finding(Severity::warning, Cause::dtype_contradiction,
                        fmt::format("{} is declared {}, but {} makes {}", in_quotes(c.model.display_name(site.stored)),
                                    name(tensor.dtype), c.model[site.node].op, name(*made)),
                        {c.model.place(site.node, site.stored)});
    Diagnostic& d = f.diagnostic;
    d.expected = std::string(name(*made));
    d.found = std::string(name(tensor.dtype));
    d.evidence = {
        evidence("declared", type_text(tensor)),
        evidence("zero", fmt::format("{} of {}", in_quotes(c.model.display_name(site.zero_points.tensor)), name(*made)))};
    d.why =
        "the quantizer changed the nodes and left what is declared of their values; runtimes that compare the two refuse the "
        "file";
    d.fix = fix("declare-what-is-made", Confidence::safe,
                fmt::format("declare {} as {}", in_quotes(c.model.display_name(site.stored)), name(*made)), 0.0);
    f.edits = {source::SetDType{site.stored, *made}};
    f.breaks = {Fact::tensor(site.stored, Aspect::dtype)};
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule declared_dtype_stale{
    .code = "QG3112",
    .title = "a declared dtype is not that of the value",
    .phase = Phase::ops,
    .explanation =
        R"(ONNX declares the dtypes of values (value_info) and of inputs apart from what makes them: nodes and initializers. A tool
that quantized the nodes left the declarations of the float model. ONNX Runtime and the checker refuse the file, others go
by the nodes.

What a quantizing node makes has the dtype of its zero point, a constant that of its initializer, and what other nodes make
follows from their inputs by the op's definition; the mend declares that. No value changes.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
