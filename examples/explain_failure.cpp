// A model that does not load: what the report says, as text and as data, and the same model with the problem corrected.
//
//   explain_failure MODEL.json
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "qgraph/qgraph.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: explain_failure MODEL.json\n"), 2;

  const qgraph::LoadResult broken = qgraph::try_load_graph(argv[1]);
  if (!broken.report.has_errors()) return std::fprintf(stderr, "%s has nothing to explain\n", argv[1]), 1;

  // For people: the text that `qgraph check` prints.
  std::puts(broken.report.to_string().c_str());

  // For programs: every problem is a value. `cause` is one of twenty words, `code` is stable, the first place is the one to look
  // at.
  const qgraph::Diagnostic& d = broken.report.diagnostics[0];
  std::printf("cause %s, code %s", std::string(name(d.cause)).c_str(), d.code.c_str());
  if (!d.places.empty())
    std::printf(", node %lld '%s'", static_cast<long long>(d.places[0].node_index), d.places[0].node_name.c_str());
  std::printf("\n\n%s\n", qgraph::explain(d.code).value_or("").c_str());

  // The correction that the report asks for: the scale with which the weights were quantized.
  std::ifstream in(argv[1]);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  const std::size_t at = text.find("\"dtype\"");
  if (at == std::string::npos) return 1;
  text.insert(at, "\"scale\": 0.1,\n   ");
  // The bytes must outlive the model: it uses them in place.
  const qgraph::LoadResult mended = qgraph::try_load_graph(std::as_bytes(std::span(text)));
  std::printf("with a scale: %s\n", mended.report.summary().c_str());
  return mended.model.empty() ? 1 : 0;
}
