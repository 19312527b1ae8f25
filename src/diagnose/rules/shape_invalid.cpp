// QG4202: a shape with negative dimensions, or of more elements than can be counted.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "diagnose/rule.hpp"
#include "diagnose/stored_bytes.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

enum class Fault : std::uint8_t { none, negative, open_constant, overflow, budget };

Fault fault_of(const RuleContext& c, const source::SourceTensor& tensor) {
  const auto dims = tensor.shape.dims();
  if (std::ranges::any_of(dims, [](std::int64_t d) { return d < -1; })) return Fault::negative;
  if (!tensor.shape.ranked()) return Fault::none;
  if (tensor.data.exists() && !tensor.shape.is_static()) return Fault::open_constant;
  Shape least = tensor.shape;  // with open dimensions at 1
  for (std::int64_t& d : least.mutable_dims()) d = d < 0 ? 1 : d;
  const auto count = least.elements();
  if (!count) return Fault::overflow;
  if (bits(tensor.dtype) == 0) return Fault::none;
  const auto size = byte_size(tensor.dtype, *count);
  return !size ? Fault::overflow : *size > c.options.budgets.tensor_bytes ? Fault::budget : Fault::none;
}

/// A shape that a tool can go on with where the op itself says the right one: what is impossible becomes 1.
Shape replaced(const Shape& shape) {
  Shape out = shape;
  for (std::int64_t& d : out.mutable_dims()) d = d < 0 ? -1 : 1;
  return out;
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  each_tensor(c.model, [&](source::TensorRef t, const source::SourceTensor& tensor) {
    const Fault fault = fault_of(c, tensor);
    if (fault == Fault::none || broken.has(Fact::tensor(t, Aspect::shape))) return;
    const source::NodeRef maker = c.uses.producer(t);
    const std::string called = in_quotes(c.model.display_name(t)), shape = tensor.shape.to_string();
    const std::string_view said = fault == Fault::negative        ? "has a negative dimension"
                                  : fault == Fault::open_constant ? "is a constant with an open dimension"
                                  : fault == Fault::overflow      ? "has more elements than can be counted"
                                                                  : "takes more memory than allowed";
    Finding f =
        finding(Severity::error, fault == Fault::budget ? Cause::resource_limit : Cause::shape_mismatch,
                fmt::format("{} {}: {}", called, said, shape), {maker ? c.model.place(maker, t) : place_of_constant(c, t)});
    Diagnostic& d = f.diagnostic;
    d.found = shape;
    d.evidence = {evidence("declared", type_text(tensor))};
    d.why = "a size was damaged, or written with the wrong width";
    if (maker && !tensor.data.exists()) {
      d.why += fmt::format("; the op that makes it ({}) says the right one", c.model[maker].op);
      d.fix = fix("shape-from-op", Confidence::safe, fmt::format("take the shape of {} from its op", called), 0.0);
      f.edits = {source::SetShape{t, replaced(tensor.shape)}};
    } else if (const auto fitting = shape_from_bytes(c, t)) {
      d.evidence.push_back(evidence(
          "fits", fmt::format("{}: by the bytes, the channels beside it and the number of scales", fitting->to_string())));
      d.fix = fix("shape-from-bytes", Confidence::likely, fmt::format("read {} with shape {}", called, fitting->to_string()));
      f.edits = {source::SetShape{t, *fitting}};
    }
    f.breaks = {Fact::tensor(t, Aspect::shape)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule shape_invalid{
    .code = "QG4202",
    .title = "a shape that no tensor can have",
    .phase = Phase::references,
    .explanation =
        R"(A dimension is negative (-1 alone means "known at run time", and no constant can have that), or the dimensions
multiply to more elements than can be counted or than the loader is allowed to hold.

The shape of what a node makes follows from the node, so the mend takes it from there. That of a constant follows from
its bytes where only one dimension can be wrong; that of a graph input must be given.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
