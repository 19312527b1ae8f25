// QG2023: an attribute of another type, or of another number of elements, than the op defines.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "diagnose/onnx_values.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

enum class Kind : std::uint8_t { integer, integers, real, text };

struct Named {
  std::string_view name;
  Kind kind;
};
/// Attributes that have one type in every operator of ai.onnx that has them (onnx/defs).
constexpr std::array known{Named{"strides", Kind::integers},
                           Named{"dilations", Kind::integers},
                           Named{"pads", Kind::integers},
                           Named{"kernel_shape", Kind::integers},
                           Named{"output_padding", Kind::integers},
                           Named{"perm", Kind::integers},
                           Named{"axes", Kind::integers},
                           Named{"group", Kind::integer},
                           Named{"axis", Kind::integer},
                           Named{"keepdims", Kind::integer},
                           Named{"transA", Kind::integer},
                           Named{"transB", Kind::integer},
                           Named{"ceil_mode", Kind::integer},
                           Named{"count_include_pad", Kind::integer},
                           Named{"block_size", Kind::integer},
                           Named{"hidden_size", Kind::integer},
                           Named{"allowzero", Kind::integer},
                           Named{"blocksize", Kind::integer},
                           Named{"epsilon", Kind::real},
                           Named{"momentum", Kind::real},
                           Named{"auto_pad", Kind::text},
                           Named{"mode", Kind::text},
                           Named{"equation", Kind::text},
                           Named{"coordinate_transformation_mode", Kind::text},
                           Named{"nearest_mode", Kind::text}};

std::string_view kind_text(Kind kind) {
  switch (kind) {
    case Kind::integer: return "an integer";
    case Kind::integers: return "a list of integers";
    case Kind::real: return "a float";
    case Kind::text: return "a text";
  }
  return "";
}

std::string found_text(const AttributeValue& value) {
  if (std::holds_alternative<std::int64_t>(value)) return "an integer";
  if (std::holds_alternative<double>(value)) return "a float";
  if (std::holds_alternative<std::string>(value)) return "a text";
  if (std::holds_alternative<std::vector<std::int64_t>>(value)) return "a list of integers";
  if (std::holds_alternative<std::vector<double>>(value)) return "a list of floats";
  if (std::holds_alternative<std::vector<std::string>>(value)) return "a list of texts";
  return "a value of another type";
}

bool is_of(Kind kind, const AttributeValue& value) {
  switch (kind) {
    case Kind::integer: return std::holds_alternative<std::int64_t>(value);
    case Kind::real: return std::holds_alternative<double>(value);
    case Kind::text: return std::holds_alternative<std::string>(value);
    case Kind::integers: {
      if (std::holds_alternative<std::vector<std::int64_t>>(value)) return true;
      const auto* floats = std::get_if<std::vector<double>>(&value);  // an empty list has the type that was written
      return floats && floats->empty();
    }
  }
  return true;
}

/// The same value in the right type, where it has one.
std::optional<AttributeValue> converted(Kind kind, const AttributeValue& value) {
  const auto* real = std::get_if<double>(&value);
  const auto* integer = std::get_if<std::int64_t>(&value);
  const auto* reals = std::get_if<std::vector<double>>(&value);
  const auto whole = [](double v) { return std::isfinite(v) && v == std::trunc(v) && std::fabs(v) < 1e9; };
  if (kind == Kind::integer && real && whole(*real)) return AttributeValue(static_cast<std::int64_t>(*real));
  if (kind == Kind::real && integer) return AttributeValue(static_cast<double>(*integer));
  if (kind == Kind::integers && reals && std::ranges::all_of(*reals, whole)) {
    std::vector<std::int64_t> list;
    for (const double v : *reals) list.push_back(static_cast<std::int64_t>(v));
    return AttributeValue(std::move(list));
  }
  return std::nullopt;
}

/// How many dimensions the window of a convolution or pool has.
std::optional<std::size_t> window_rank(const RuleContext& c, const source::SourceNode& node) {
  const source::Model& m = c.model;
  if (node.op == "MaxPool" || node.op == "AveragePool" || node.op == "LpPool") {
    const auto value = m.attribute(node, "kernel_shape");
    const auto* list = value ? std::get_if<std::vector<std::int64_t>>(&*value) : nullptr;
    return list && !list->empty() ? std::optional(list->size()) : std::nullopt;
  }
  if (node.op != "Conv" && node.op != "ConvTranspose" && node.op != "QLinearConv" && node.op != "ConvInteger")
    return std::nullopt;
  const OpRow* row = source::row_of(m, node);
  const source::TensorRef weights =
      row ? behind_quantization(m, c.uses, source::operand(m, node, *row, "weights")) : source::no_tensor;
  if (!weights || weights.dangling() || m[weights].shape.rank() < 3) return std::nullopt;
  return m[weights].shape.rank() - 2;
}

void report(const RuleContext& c, source::NodeRef ref, std::string_view attribute, std::string found, std::string expected,
            std::optional<AttributeValue> right, Findings& findings) {
  const source::SourceNode& node = c.model[ref];
  Place place = c.model.place(ref);
  place.attribute = attribute;
  Finding f =
      finding(Severity::error, Cause::invalid_attribute,
              fmt::format("{} of {} {} is {}, not {}", attribute, node.op, in_quotes(c.model.display_name(ref)), found, expected),
              {std::move(place)});
  Diagnostic& d = f.diagnostic;
  d.expected = expected;
  d.found = fmt::format("{}: {}", attribute, found);
  d.evidence = {evidence("stored", fmt::format("{} as {}", attribute, found))};
  d.why = "the op's definition says what it takes; runtimes refuse another";
  if (right) {
    d.fix = fix("attribute-as-defined", Confidence::likely, fmt::format("store {} as {}, the same value", attribute, expected));
    f.edits = {source::SetAttribute{ref, std::string(attribute), *right}};
  }
  f.rests_on = {Fact::node(ref, Aspect::existence)};
  f.breaks = {Fact::node(ref, Aspect::attributes)};
  findings.add(std::move(f));
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    if (node.domain != "ai.onnx" || broken.any(ref) || !source::row_of(c.model, node)) return;
    const std::vector<std::string> names = c.model.attribute_names(node);
    for (const Named& n : known) {
      if (std::ranges::find(names, n.name) == names.end()) continue;
      const auto value = c.model.attribute(node, n.name);
      if (!value) continue;
      if (!is_of(n.kind, *value))
        report(c, ref, n.name, found_text(*value), std::string(kind_text(n.kind)), converted(n.kind, *value), findings);
      const auto* list = std::get_if<std::vector<std::int64_t>>(&*value);
      const auto rank = list && !list->empty() && (n.name == "strides" || n.name == "dilations" || n.name == "pads")
                            ? window_rank(c, node)
                            : std::nullopt;
      const std::size_t wanted = rank ? *rank * (n.name == "pads" ? 2 : 1) : 0;
      if (rank && list->size() != wanted)
        report(c, ref, n.name, fmt::format("a list of {}", list->size()), fmt::format("a list of {}", wanted), std::nullopt,
               findings);
    }
  });
}

}  // namespace

extern constexpr Rule attribute_kind{
    .code = "QG2023",
    .title = "an attribute is not of the type that its op defines",
    .phase = Phase::ops,
    .explanation =
        R"(ONNX stores each attribute with its type, and the op's definition says which one it takes: strides are a list of
integers, one for each dimension of the window, pads two for each. Here the file has another type, or another number of
elements; a tool wrote the node by hand, or copied it from an op of another rank.

Where the same value exists in the right type (2.0 for 2), the mend stores that.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
