// A declared shape that contradicts the op's own result: a warning, since runtimes compute shapes themselves.
#include "load/shape_disagreement.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>
#include <set>

#include "source/edits.hpp"

namespace qgraph {

void report_shapes(const source::Model& model, const std::vector<ShapeDisagreement>& shapes, diagnose::Findings& findings) {
  using diagnose::Aspect;
  using diagnose::Fact;
  std::set<source::TensorRef> disagreeing;
  for (const ShapeDisagreement& s : shapes) disagreeing.insert(s.tensor);
  // An op that refuses a shape: then nothing runs, and here is why.
  const auto refused = [&](source::TensorRef t) {
    return std::ranges::any_of(findings.list(), [&](const diagnose::Finding& f) {
      return f.diagnostic.severity == Severity::error &&
             std::ranges::find(f.rests_on, Fact::tensor(t, Aspect::shape)) != f.rests_on.end();
    });
  };
  // Nodes come in the order in which they run. Where what follows was declared for the other shape too, the declarations agree
  // with each other, and the first node is at fault.
  std::map<source::TensorRef, source::TensorRef> first;
  std::set<source::TensorRef> followed, stopped;
  for (const ShapeDisagreement& s : shapes) {
    first.emplace(s.tensor, s.tensor);
    for (const source::TensorRef t : model[s.node].inputs)
      if (const auto before = first.find(t); t != s.tensor && before != first.end()) {
        first[s.tensor] = before->second;
        followed.insert(before->second);
        break;
      }
    if (refused(s.tensor)) stopped.insert(first[s.tensor]);
  }
  for (const ShapeDisagreement& s : shapes) {
    // TensorFlow Lite writes no shape where it does not know one, which is the same as a scalar's.
    if (model.format == "tflite" && model[s.tensor].shape.rank() == 0) continue;
    diagnose::Finding f{};
    Diagnostic& d = f.diagnostic;
    d.code = "QG4110";
    const bool stops = stopped.contains(first[s.tensor]), node_at_fault = stops || followed.contains(first[s.tensor]);
    d.severity = stops ? Severity::error : Severity::warning;
    d.cause = Cause::shape_mismatch;
    d.headline = fmt::format("'{}' is declared {}, but {} makes {}", model.display_name(s.tensor),
                             model[s.tensor].shape.to_string(), model[s.node].op, s.inferred.to_string());
    d.places = {model.place(s.node, s.tensor)};
    d.expected = s.inferred.to_string();
    d.found = model[s.tensor].shape.to_string();
    if (node_at_fault) {
      d.why = stops ? "what follows was made for the declared shape and refuses the other: an attribute or an operand of the "
                      "node is wrong"
                    : "what follows was declared for that shape too: an attribute or an operand of the node is not what it was";
    } else {
      d.why = "runtimes compute the shapes of what ops make and pass over the declared one";
      d.fix = Fix{.id = "declare-inferred-shape",
                  .confidence = Confidence::safe,
                  .description = fmt::format("declare {}", s.inferred.to_string()),
                  .max_change = 0.0};
      f.edits = {source::SetShape{s.tensor, s.inferred}};
    }
    // Before what was refused for it.
    f.phase = stops ? diagnose::Phase::sizes : diagnose::Phase::agreement;
    f.rests_on = {Fact::tensor(s.tensor, Aspect::shape)};
    for (const source::TensorRef t : model[s.node].inputs)
      if (disagreeing.contains(t)) f.rests_on.push_back(Fact::tensor(t, Aspect::shape));
    f.breaks = {Fact::tensor(s.tensor, Aspect::shape)};
    findings.add(std::move(f));
  }
}

}  // namespace qgraph
