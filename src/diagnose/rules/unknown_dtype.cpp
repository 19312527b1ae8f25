// QG3001: a tensor of a dtype that is not known.
#include <spdlog/fmt/fmt.h>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

void check(const RuleContext& c, Findings& findings) {
  each_tensor(c.model, [&](source::TensorRef t, const source::SourceTensor& tensor) {
    if (tensor.dtype != DType::unknown || tensor.unknown_dtype.empty()) return;
    const auto readers = c.uses.consumers(t);
    const source::NodeRef maker = c.uses.producer(t);
    Place place = !readers.empty() ? c.model.place(readers[0].node, t) : maker ? c.model.place(maker, t) : c.model.place(t);
    if (!readers.empty()) place.input = readers[0].input;
    Finding f = finding(Severity::error, Cause::unsupported_dtype,
                        fmt::format("{} is of the unknown dtype {}", in_quotes(c.model.display_name(t)), tensor.unknown_dtype),
                        {std::move(place)});
    Diagnostic& d = f.diagnostic;
    d.found = std::string(tensor.unknown_dtype);
    d.evidence = {evidence("declared", type_text(tensor))};
    const auto count = tensor.shape.elements();
    if (tensor.data.exists() && count && *count > 0)
      d.evidence.push_back(evidence("stored", fmt::format("{} for {}", counted(tensor.data.bytes.bytes.size(), "byte"),
                                                          counted(static_cast<std::uint64_t>(*count), "element"))));
    d.why = "the file is of a newer version of its format, or the field is damaged";
    f.breaks = {Fact::tensor(t, Aspect::dtype)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule unknown_dtype{
    .code = "QG3001",
    .title = "a dtype that is not known",
    .phase = Phase::references,
    .explanation =
        R"(The file says the tensor's dtype by a number or word that this version of qgraph does not know. Formats gain dtypes
over time, so the file may be newer; or the field is damaged.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
