// QG3110: 16-bit activations with a 32-bit bias that is not announced.
#include <spdlog/fmt/fmt.h>

#include <set>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

/// FULLY_CONNECTED and others can say that their bias has 32 bits.
bool announced(const source::Model& model, const source::SourceNode& node) {
  const auto said = model.attribute(node, "quantized_bias_type");
  const auto* word = said ? std::get_if<std::string>(&*said) : nullptr;
  return word && (*word == "INT32" || *word == "int32");
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<source::TensorRef> told;
  if (c.model.format != "tflite") return;  // the width is TensorFlow Lite's own rule
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    const OpRow* row = source::row_of(c.model, node);
    const auto at = row ? operand_position(row->operands, "bias") : std::nullopt;
    if (!at || *at >= node.inputs.size() || node.inputs.empty() || broken.any(ref)) return;
    const source::TensorRef bias = node.inputs[*at], made = node.outputs.empty() ? source::no_tensor : node.outputs[0];
    if (!bias || !made || c.model[made].dtype != DType::int16 || c.model[bias].dtype != DType::int32 || announced(c.model, node))
      return;
    if (!c.model[bias].data.exists() || broken.any(bias) || broken.any(made) || !told.insert(bias).second) return;
    const auto values = c.model.numbers(bias);
    Place place = c.model.place(ref, bias);
    place.input = static_cast<std::int64_t>(*at);
    Finding f = finding(Severity::warning, Cause::dtype_contradiction,
                        fmt::format("bias of {} is int32 beside int16 activations, where int64 is expected",
                                    in_quotes(c.model.display_name(ref))),
                        {std::move(place)});
    Diagnostic& d = f.diagnostic;
    d.expected = "int64";
    d.found = "int32";
    d.evidence = {evidence("bias", type_text(c.model[bias])), evidence("output", type_text(c.model[made]))};
    d.why =
        "with int16 activations TensorFlow Lite reads the bias as int64, unless the op's options say otherwise; some versions "
        "refuse this file, others read past the bias";
    if (values) {
      if (auto wide = source::encode_numbers(DType::int64, *values)) {
        d.fix = fix("widen-bias", Confidence::safe,
                    fmt::format("store {} as int64, the same values", in_quotes(c.model.display_name(bias))), 0.0);
        f.edits = {source::SetDType{bias, DType::int64}, source::SetData{bias, Buffer::copy_of(*wide)}};
      }
    }
    f.rests_on = {Fact::tensor(bias, Aspect::dtype)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule bias_width{
    .code = "QG3110",
    .title = "a 32-bit bias beside 16-bit activations",
    .phase = Phase::agreement,
    .explanation =
        R"(With int16 activations and int8 weights ("16x8") TensorFlow Lite sums in 64 bits, and its bias has 64 bits too. A
converter option writes 32 bits, which newer kernels take only where the op's options say so (`quantized_bias_type`);
otherwise they refuse the file, or read the 32-bit values in pairs.

The values themselves are right: the mend widens them.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
