// QG3133: ONNX: arithmetic of plain integers and floats: the Cast between them is missing.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "diagnose/onnx_values.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

/// What `to` of a Cast means (onnx.proto, TensorProto.DataType), of the dtypes that arithmetic has.
constexpr std::array<std::pair<std::int64_t, DType>, 8> cast_numbers{{{1, DType::float32},
                                                                      {6, DType::int32},
                                                                      {7, DType::int64},
                                                                      {10, DType::float16},
                                                                      {11, DType::float64},
                                                                      {12, DType::uint32},
                                                                      {13, DType::uint64},
                                                                      {16, DType::bfloat16}}};

/// Through what unpacks weights: ops on bits and moves keep the dtype, a Cast says it.
std::optional<DType> dtype_of(const RuleContext& c, TensorRef t) {
  static constexpr std::array<std::string_view, 9> keep{"BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitShift", "Reshape",
                                                        "Transpose",  "Squeeze",   "Unsqueeze",  "Slice"};
  constexpr int most_steps = 32;
  for (int step = 0; step < most_steps; ++step) {
    if (!t || t.dangling()) return std::nullopt;
    const NodeRef maker = c.uses.producer(t);
    if (!maker || c.model[maker].domain != "ai.onnx") return dtype_made(c.model, c.uses, t);
    const source::SourceNode& node = c.model[maker];
    if (node.op == "Cast") {
      const auto to = c.model.attribute(node, "to");
      const auto* number = to ? std::get_if<std::int64_t>(&*to) : nullptr;
      for (const auto& [code, dtype] : cast_numbers)
        if (number && *number == code) return dtype;
      return std::nullopt;
    }
    if (std::ranges::find(keep, node.op) == keep.end() || node.inputs.empty()) return dtype_made(c.model, c.uses, t);
    t = node.inputs[0];
  }
  return std::nullopt;
}

bool wide_integer(DType d) { return is_integer(d) && bits(d) >= 32; }

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  static constexpr std::array<std::string_view, 5> ops{"Add", "Sub", "Mul", "Div", "MatMul"};
  const BrokenFacts broken(findings);
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    if (node.domain != "ai.onnx" || std::ranges::find(ops, node.op) == ops.end() || node.inputs.size() != 2 || broken.any(ref))
      return;
    for (const TensorRef t : node.inputs)
      if (!t || t.dangling() || broken.any(t)) return;
    const auto a = dtype_of(c, node.inputs[0]), b = dtype_of(c, node.inputs[1]);
    if (!a || !b || !((wide_integer(*a) && is_float(*b)) || (is_float(*a) && wide_integer(*b)))) return;
    const std::uint32_t input = is_float(*a) ? 1 : 0;
    const DType real = input == 0 ? *b : *a, whole = input == 0 ? *a : *b;
    const TensorRef t = node.inputs[input];
    const auto number = std::ranges::find(cast_numbers, real, &std::pair<std::int64_t, DType>::second);
    Finding f = finding(Severity::error, Cause::missing_conversion,
                        fmt::format("{} {} reads {} {} beside {}", node.op, in_quotes(c.model.display_name(ref)), name(whole),
                                    in_quotes(c.model.display_name(t)), name(real)),
                        {c.model.place(ref, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = std::string(name(real));
    d.found = std::string(name(whole));
    d.evidence = {evidence("operands", fmt::format("{} and {}", name(*a), name(*b)))};
    d.why = "both operands of the op are of one dtype; the Cast of the unpacked integers was left out";
    if (number != cast_numbers.end()) {
      const auto made = TensorRef{ref.graph, static_cast<std::uint32_t>(c.model.graphs[ref.graph].tensors.size())};
      source::SourceNode cast{.op = "Cast", .domain = "ai.onnx", .version = node.version};
      cast.inputs = {t};
      cast.outputs = {made};
      d.fix = fix("insert-cast", Confidence::likely,
                  fmt::format("cast {} to {} in front of the op", in_quotes(c.model.display_name(t)), name(real)));
      f.edits = {
          source::AddTensor{ref.graph, {.dtype = real, .shape = c.model[t].shape}, c.model.display_name(t) + "_cast_mended"},
          source::AddNode{ref.graph, ref.index, cast},
          source::SetAttribute{ref, "to", AttributeValue(std::int64_t{number->first})},
          source::SetInput{NodeRef{ref.graph, ref.index + 1}, input, made}};
    }
    f.rests_on = {Fact::node(ref, Aspect::existence)};
    f.breaks = {Fact::node(ref, Aspect::attributes)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule operand_dtypes_mixed{
    .code = "QG3133",
    .title = "arithmetic of integers and floats without a Cast",
    .phase = Phase::sizes,
    .explanation =
        R"(Both operands of an arithmetic op of ONNX have one dtype. Here the one is a plain integer of 32 bits or more and the
other a float: so it comes out where weights are unpacked by shifts and masks, and the Cast before the zero point or the
scale was left out. ONNX Runtime refuses the file.

The mend casts the integers to the other operand's dtype.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
