// QG2012: nodes of a domain that the file does not import.
#include <spdlog/fmt/fmt.h>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    if (node.file_index < 0 || node.domain.empty() || c.model.domains.contains(node.domain) || broken.any(ref)) return;
    Finding f = finding(Severity::warning, Cause::unsupported_version,
                        fmt::format("nodes use the domain {}, which the file does not import", in_quotes(node.domain)),
                        {c.model.place(ref)});
    Diagnostic& d = f.diagnostic;
    d.expected = fmt::format("an import of {}", node.domain);
    d.found = fmt::format("no import of {}", node.domain);
    std::string imported;
    for (const auto& [domain, version] : c.model.domains)
      imported += fmt::format("{}{} {}", imported.empty() ? "" : ", ", domain, version);
    d.evidence = {evidence("imported", imported.empty() ? "nothing" : imported)};
    d.why = "some runtimes take the domain's first version, others refuse the file";
    if (c.registry.knows(node.op, node.domain)) {
      d.fix = fix("import-domain", Confidence::safe, fmt::format("import version 1 of {}", in_quotes(node.domain)), 0.0);
      f.edits = {source::SetDomainVersion{std::string(node.domain), 1}};
    }
    f.rests_on = {Fact::node(ref, Aspect::existence)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule domain_not_imported{
    .code = "QG2012",
    .title = "a domain is used and not imported",
    .phase = Phase::ops,
    .explanation =
        R"(An ONNX file names each domain of operators that its nodes come from, with a version (opset_import). Here one is missing:
a tool added nodes of its own domain and not the import. ONNX Runtime is lenient, the checker and shape inference are not.

The mend imports version 1 of the domain, which is what lenient runtimes assume.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
