// A declared shape that contradicts the op's own result: a warning, since runtimes compute shapes themselves.
#include "load/shape_disagreement.hpp"

#include <spdlog/fmt/fmt.h>

#include <set>

#include "source/edits.hpp"

namespace qgraph {

void report_shapes(const source::Model& model, const std::vector<ShapeDisagreement>& shapes, diagnose::Findings& findings) {
  using diagnose::Aspect;
  using diagnose::Fact;
  // Types downstream are inferred from inferred types, so each disagreement is the declaration's own: all are causes.
  for (const ShapeDisagreement& s : shapes) {
    // TensorFlow Lite writes no shape where it does not know one, which is the same as a scalar's.
    if (model.format == "tflite" && model[s.tensor].shape.rank() == 0) continue;
    diagnose::Finding f{};
    Diagnostic& d = f.diagnostic;
    d.code = "QG4110";
    d.severity = Severity::warning;
    d.cause = Cause::shape_mismatch;
    d.headline = fmt::format("'{}' is declared {}, but {} makes {}", model.display_name(s.tensor), model[s.tensor].shape.to_string(), model[s.node].op,
                             s.inferred.to_string());
    d.places = {model.place(s.node, s.tensor)};
    d.expected = s.inferred.to_string();
    d.found = model[s.tensor].shape.to_string();
    d.why = "runtimes compute the shapes of what ops make and pass over the declared one";
    d.fix = Fix{.id = "declare-inferred-shape", .confidence = Confidence::safe, .description = fmt::format("declare {}", s.inferred.to_string()), .max_change = 0.0};
    f.phase = diagnose::Phase::agreement;
    f.rests_on = {Fact::tensor(s.tensor, Aspect::shape)};
    f.breaks = {Fact::tensor(s.tensor, Aspect::shape)};
    f.edits = {source::SetShape{s.tensor, s.inferred}};
    findings.add(std::move(f));
  }
}

}  // namespace qgraph
