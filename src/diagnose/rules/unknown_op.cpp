// QG2001: a node's op has no handler.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/nearest_name.hpp"
#include "diagnose/onnx_values.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

/// Ops that say where a model comes from: their names are known, their meaning lies outside the file.
struct Foreign {
  std::string_view prefix, why;
};
constexpr std::array foreign{
    Foreign{"Flex", "it is an op of TensorFlow itself, kept by the converter (SELECT_TF_OPS); convert without it"},
    Foreign{"edgetpu-custom-op", "its options are code for one device (Edge TPU); the model before edgetpu_compiler has the ops"},
    Foreign{"ethos-u", "its options are code for one device (Arm Ethos-U); the model before Vela has the ops"},
    Foreign{"DISPATCH_OP", "its options are code for one device, compiled ahead of time; the model before that has the ops"},
    Foreign{"QNN_", "its options are code for one device (Qualcomm QNN); the model before compiling has the ops"},
    Foreign{"EPContext", "its attributes are code for one device, compiled by ONNX Runtime; the model before that has the ops"},
};

/// Domains in which ONNX Runtime keeps ops in layouts of its own: the names are those of other ops, the weights lie otherwise.
bool private_layout(std::string_view domain) { return domain == "com.microsoft.nchwc" || domain == "com.ms.internal.nhwc"; }

/// The registry's names of this model's format, without domains; of all formats where it has none.
std::vector<std::string> names_of(const RuleContext& c) {
  std::vector<std::string> own, all;
  for (const std::string& op : c.registry.ops()) {
    const std::size_t at = op.rfind("::");
    const std::string_view domain = at == std::string::npos ? std::string_view{} : std::string_view(op).substr(0, at);
    const std::string name = at == std::string::npos ? op : op.substr(at + 2);
    all.push_back(name);
    if (domain.empty() || domain.starts_with(c.model.format)) own.push_back(name);
  }
  return own.empty() ? all : own;
}

/// ONNX: the other domain that has an op of this name, where it is clear which.
std::optional<std::string> only_other_domain(const RuleContext& c, const source::SourceNode& node) {
  if (c.model.format != "onnx") return std::nullopt;
  std::vector<std::string> found;
  for (const OpRow& row : c.model.op_rows)
    if (row.op == node.op && row.domain != node.domain && std::ranges::find(found, row.domain) == found.end())
      found.emplace_back(row.domain);
  if (found.size() <= 1) return found.empty() ? std::nullopt : std::optional(found[0]);
  // Of several, the one whose name was misspelt; and else the one that the file imports.
  constexpr std::size_t misspelt = 2;
  const auto keep = [&](auto&& wanted) -> std::optional<std::string> {
    std::optional<std::string> one;
    for (const std::string& domain : found) {
      if (!wanted(domain)) continue;
      if (one) return std::nullopt;
      one = domain;
    }
    return one;
  };
  if (auto near = keep([&](const std::string& d) { return edit_distance(d, node.domain) <= misspelt; })) return near;
  return keep([&](const std::string& d) { return c.model.domains.contains(d); });
}

std::string operands_text(const source::Model& model, const source::SourceNode& node) {
  std::string text;
  for (source::TensorRef t : node.inputs)
    if (t) text += (text.empty() ? "" : ", ") + type_text(model[t]);
  return text.empty() ? "nothing" : text;
}

/// ONNX: a vendor's op that does what QuantizeLinear or DequantizeLinear does: by its name, and by operands that have their form.
std::string_view standard_pair(const RuleContext& c, const source::SourceNode& node) {
  const auto opset = c.model.domains.find("ai.onnx");
  if (c.model.format != "onnx" || opset == c.model.domains.end() || opset->second < 10) return {};
  if (node.inputs.size() != 3 || node.outputs.size() != 1) return {};
  std::string word(node.op);
  for (char& letter : word) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  const bool back = word.find("dequant") != std::string::npos || word.ends_with("dq");
  if (!back && word.find("quant") == std::string::npos && !word.ends_with("q")) return {};
  for (const std::string_view other : {"fake", "dynamic", "block", "requant", "conv", "gemm", "matmul", "qdq"})
    if (word.find(other) != std::string::npos) return {};
  const source::TensorRef x = node.inputs[0], scale = node.inputs[1], zero = node.inputs[2];
  for (const source::TensorRef t : {x, scale, zero})
    if (!t || t.dangling()) return {};
  const DType stored = c.model[zero].dtype, read = c.model[x].dtype;
  if (!c.model[scale].data.exists() || !c.model[zero].data.exists() || c.model[scale].dtype != DType::float32 ||
      !is_integer(stored) || bits(stored) > 32 || c.model[scale].shape != c.model[zero].shape || c.model[scale].shape.rank() > 1)
    return {};
  if (c.model[scale].shape.elements() != 1 && opset->second < 13) return {};
  const auto values = c.model.numbers(scale);
  if (!values || !sound_scales(*values) || bits(stored) > (back ? 32 : 16)) return {};
  // A name that is misspelt may be that of the other op: what is quantized must be known to be real.
  if (!back) return dtype_made(c.model, c.uses, x) == DType::float32 ? "QuantizeLinear" : std::string_view{};
  if (read != DType::unknown && read != stored) return {};
  return "DequantizeLinear";
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::optional<std::vector<std::string>> names;
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    if (node.op.empty() || broken.any(ref) || c.registry.knows(node.op, node.domain)) return;
    if (!names) names = names_of(c);
    // A node that is to be kept as it is stops nothing.
    Finding f = finding(c.options.keep_unknown ? Severity::note : Severity::error, Cause::unknown_op,
                        fmt::format("no handler for the op {}", in_quotes(node.op)), {c.model.place(ref)});
    Diagnostic& d = f.diagnostic;
    d.found = std::string(node.op);
    d.evidence.push_back(evidence("reads", operands_text(c.model, node)));
    std::string near;
    for (const std::string& n : nearest_names(node.op, *names)) near += (near.empty() ? "" : ", ") + n;
    if (!near.empty()) d.evidence.push_back(evidence("near", near));
    d.why = "what the op computes is not in the file: the program that loads it registers a handler (Registry::add)";
    for (const Foreign& known : foreign)
      if (node.op.starts_with(known.prefix)) d.why = known.why;
    if (private_layout(node.domain)) {
      d.why = "ONNX Runtime saved the graph as it optimized it for one machine; load the model it was made from";
    } else if (const auto domain = only_other_domain(c, node)) {
      d.expected = *domain;
      d.evidence.push_back(
          evidence("known", fmt::format("an op of this name belongs to the domain {}, not to {}", *domain, node.domain)));
      d.why = "a tool wrote the node without the domain of its op";
      d.fix = fix("domain-of-the-op", Confidence::likely,
                  fmt::format("read {} as an op of {}", in_quotes(node.op), in_quotes(*domain)));
      if (!c.model.domains.contains(*domain)) f.edits.push_back(source::SetDomainVersion{*domain, 1});
      f.edits.push_back(source::SetOp{ref, std::string(node.op), *domain});
    } else if (const std::string_view standard = standard_pair(c, node); !standard.empty()) {
      d.expected = std::string(standard);
      d.evidence.push_back(evidence("operands", fmt::format("a value, a scale and a zero point, as {} has them", standard)));
      d.why = "a vendor's name for an op that ONNX has";
      d.fix = fix("standard-op", Confidence::likely, fmt::format("read {} as {}", in_quotes(node.op), standard));
      f.edits.push_back(source::SetOp{ref, std::string(standard), "ai.onnx"});
      for (const std::string& attribute : c.model.attribute_names(node))
        if (attribute != "axis") f.edits.push_back(source::SetAttribute{ref, attribute, std::nullopt});
    }
    if (!c.options.keep_unknown) f.breaks = {Fact::node(ref, Aspect::existence)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule unknown_op{
    .code = "QG2001",
    .title = "a node's op has no handler",
    .phase = Phase::ops,
    .explanation =
        R"(The file names an op that neither a built-in table nor the host's registry knows. It may be a vendor's custom op, an op
of a framework that a converter left in place, code for one device, or an op of a newer version of the format.

Where the op is known in another domain, and in no third, the node's domain is wrong and the mend writes it. An op of a
vendor whose name speaks of quantizing, and which has a value, a constant scale and a zero point, is read as QuantizeLinear
or DequantizeLinear. Otherwise, what the op computes is not in the file, so nothing can be guessed:

- register a handler (`Registry::add`) that lowers the op to known ones or brings a kernel;
- or convert the model again without the op;
- or load with `LoadOptions::keep_unknown`, and inspect or mend the rest.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
