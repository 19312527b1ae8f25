// QG3131: ONNX: constants of 4 or 2 bits in an op that is defined for 8.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

bool narrow(DType d) { return is_integer(d) && bits(d) < 8; }

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  static constexpr std::array<std::string_view, 4> ops{"ConvInteger", "MatMulInteger", "QLinearConv", "QLinearMatMul"};
  const BrokenFacts broken(findings);
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    if (node.domain != "ai.onnx" || std::ranges::find(ops, node.op) == ops.end() || broken.any(ref)) return;
    const auto at = std::ranges::find_if(
        node.inputs, [&](TensorRef t) { return t && !t.dangling() && c.model[t].data.exists() && narrow(c.model[t].dtype); });
    if (at == node.inputs.end() || broken.any(*at)) return;
    const source::SourceTensor& first = c.model[*at];
    Finding f = finding(Severity::error, Cause::unsupported_dtype,
                        fmt::format("{} {} reads {} {}", node.op, in_quotes(c.model.display_name(ref)), name(first.dtype),
                                    in_quotes(c.model.display_name(*at))),
                        {c.model.place(ref, *at)});
    Diagnostic& d = f.diagnostic;
    d.expected = is_signed(first.dtype) ? "int8" : "uint8";
    d.found = std::string(name(first.dtype));
    d.evidence = {evidence("stored", type_text(first))};
    d.why = "the op is defined for 8 bits; those of fewer are for DequantizeLinear";
    auto next = static_cast<std::uint32_t>(c.model.graphs[ref.graph].tensors.size());
    bool all = true;
    for (std::uint32_t i = 0; i < node.inputs.size(); ++i) {
      const TensorRef t = node.inputs[i];
      if (!t || t.dangling() || !narrow(c.model[t].dtype)) continue;
      const auto values = c.model.numbers(t);
      const DType wide = is_signed(c.model[t].dtype) ? DType::int8 : DType::uint8;
      const auto bytes = values ? source::encode_numbers(wide, *values) : std::nullopt;
      all = all && bytes.has_value();
      if (!bytes) break;
      // A tensor of its own: others may read the narrow one.
      source::SourceTensor made{.dtype = wide, .shape = c.model[t].shape};
      made.data = {.encoding = source::Encoding::raw, .bytes = Buffer::copy_of(*bytes)};
      f.edits.push_back(
          source::AddTensor{ref.graph, std::move(made), fmt::format("{}_{}_{}", c.model.display_name(t), name(wide), next)});
      f.edits.push_back(source::SetInput{ref, i, TensorRef{ref.graph, next++}});
    }
    if (all)
      d.fix = fix("widen-to-8-bits", Confidence::safe, "store the same integers with 8 bits", 0.0);
    else
      f.edits.clear();
    f.rests_on = {Fact::node(ref, Aspect::existence)};
    f.breaks = {Fact::tensor(*at, Aspect::dtype), Fact::node(ref, Aspect::attributes)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule sub_byte_operand{
    .code = "QG3131",
    .title = "constants of fewer than 8 bits in an op that is defined for 8",
    .phase = Phase::ops,
    .explanation =
        R"(ConvInteger, MatMulInteger, QLinearConv and QLinearMatMul take int8 and uint8. Here a constant has 4 bits or 2, which
only DequantizeLinear and casts take: a tool narrowed the weights of the wrong kind of op. ONNX Runtime refuses the file.

The integers fit into 8 bits, so the mend stores the same ones with 8; a zero point is widened with them.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
