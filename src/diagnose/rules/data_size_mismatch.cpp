// QG4201: a constant has fewer or more bytes than its shape and dtype need.
#include <spdlog/fmt/fmt.h>

#include "diagnose/stored_bytes.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  each_tensor(c.model, [&](source::TensorRef t, const source::SourceTensor& tensor) {
    if (broken.any(t)) return;
    const StoredBytes s = stored_bytes(c, t);
    if (s.verdict != Stored::short_of && s.verdict != Stored::beyond) return;
    const bool less = s.verdict == Stored::short_of;
    Finding f = finding(less ? Severity::error : Severity::warning, Cause::data_size_mismatch,
                        fmt::format("{} has {} of data where its shape needs {}", in_quotes(c.model.display_name(t)),
                                    counted(s.present, "byte"), s.needed),
                        {place_of_constant(c, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = counted(s.needed, "byte");
    d.found = counted(s.present, "byte");
    d.evidence = {evidence("declared", fmt::format("{}, {}", type_text(tensor), counted(s.needed, "byte"))),
                  evidence("stored", counted(s.present, "byte"))};
    d.why = less ? "either the shape is not that of these bytes, or the data was cut off"
                 : "the bytes behind those that the shape needs are not used";
    if (const auto shape = shape_from_bytes(c, t); shape && *shape != tensor.shape) {
      d.evidence.push_back(
          evidence("fits", fmt::format("{}: by the bytes, the channels beside it and the number of scales", shape->to_string())));
      d.fix = fix("shape-from-bytes", Confidence::likely,
                  fmt::format("read {} with shape {}", in_quotes(c.model.display_name(t)), shape->to_string()));
      f.edits = {source::SetShape{t, *shape}};
    }
    if (less) f.breaks = {Fact::tensor(t, Aspect::shape), Fact::tensor(t, Aspect::data)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule data_size_mismatch{
    .code = "QG4201",
    .title = "a constant's bytes are not as many as its shape needs",
    .phase = Phase::sizes,
    .explanation =
        R"(Shape and dtype say how many bytes a constant has; here there are fewer (an error: some elements have no value) or
more (a warning: the rest is not used). Either the shape was edited, or the data was cut off.

Where exactly one change of one dimension fits the bytes, the channels of the tensors beside it and the number of
scales, the mend sets that shape.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
