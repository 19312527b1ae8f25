// A Report as a terminal shows it: headline, place, evidence, why, mend.
#include <spdlog/fmt/fmt.h>

#include "diagnose/render.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose {
namespace {

struct Paint {
  bool on = false;
  std::string operator()(std::string_view code, std::string_view text) const {
    return on ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  }
};
constexpr std::string_view bold = "1", red = "1;31", yellow = "1;33", cyan = "1;36", blue = "1;34", green = "1;32";

std::string_view colour_of(Severity s) { return s == Severity::error ? red : s == Severity::warning ? yellow : cyan; }

std::string place_text(const Place& p) {
  std::string text;
  const auto add = [&](const std::string& part) { text += text.empty() ? part : ", " + part; };
  if (p.graph > 0) add(fmt::format("graph {}", p.graph));
  if (p.node_index >= 0) {
    std::string node = fmt::format("node {}", p.node_index);
    if (!p.node_name.empty()) node += fmt::format(" {}", in_quotes(p.node_name));
    if (!p.op.empty()) node += fmt::format(" ({})", p.op);
    add(node);
  }
  const bool unnamed = p.tensor.empty() && p.tensor_index >= 0;
  if (!p.tensor.empty() || unnamed) {
    const std::string tensor = unnamed ? std::to_string(p.tensor_index) : in_quotes(p.tensor);
    add(p.input >= 0 ? fmt::format("input {} {}", p.input, unnamed ? fmt::format("(tensor {})", tensor) : tensor)
                     : fmt::format("tensor {}", tensor));
  } else if (p.input >= 0) {
    add(fmt::format("input {}", p.input));
  }
  if (!p.attribute.empty()) add(fmt::format("attribute {}", in_quotes(p.attribute)));
  if (p.byte_offset >= 0) add(fmt::format("byte {}", p.byte_offset));
  return text;
}

/// What the places past the first are: tensors, nodes or places.
std::string_view kind_of(std::span<const Place> places) {
  bool tensors = true, nodes = true;
  for (const Place& p : places) {
    tensors = tensors && p.tensor_index >= 0;
    nodes = nodes && p.node_index >= 0;
  }
  return tensors ? "tensor" : nodes ? "node" : "place";
}

std::string change_text(const Fix& fix) {
  if (!fix.max_change) return {};
  return *fix.max_change == 0 ? "; outputs do not change"
                              : fmt::format("; outputs change by at most {}", number_text(*fix.max_change));
}

struct Writer {
  const Report& report;
  const TextStyle& style;
  Paint paint{style.colour};
  std::string out{};

  template <class... A>
  void line(fmt::format_string<A...> format, A&&... a) {
    out += fmt::format(format, std::forward<A>(a)...) + "\n";
  }

  void list_places(std::span<const Place> rest) {
    if (rest.empty()) return;
    if (!style.all_places) {
      const std::string what = "more " + std::string(kind_of(rest));
      line("   {} also at: {} (-v lists {})", paint(blue, "="), counted(rest.size(), what), rest.size() == 1 ? "it" : "them");
      return;
    }
    line("   {} also at:", paint(blue, "="));
    for (const Place& p : rest) line("       {}", place_text(p));
  }

  void list_consequences(std::span<const Diagnostic> list) {
    if (list.empty()) return;
    if (!style.all_places) {
      line("   {} this causes {}", paint(blue, "="), counted(list.size(), "further problem"));
      return;
    }
    line("   {} this causes:", paint(blue, "="));
    for (const Diagnostic& d : list) line("       {}[{}]: {}", name(d.severity), d.code, d.headline);
  }

  void fix(const Diagnostic& d) {
    line("  {}: {}{}", paint(green, fmt::format("fix ({})", name(d.fix->confidence))), d.fix->description, change_text(*d.fix));
    if (d.fix->confidence == Confidence::needs_input || report.model.empty() || report.model[0] == '<') return;
    const std::size_t dot = report.model.rfind('.'), slash = report.model.rfind('/');
    const bool ending = dot != std::string::npos && (slash == std::string::npos || dot > slash);
    line("       qgraph fix {} -o fixed{} --only {}", report.model, ending ? report.model.substr(dot) : "", d.code);
  }

  void diagnostic(const Diagnostic& d) {
    line("{}: {}", paint(colour_of(d.severity), fmt::format("{}[{}]", name(d.severity), d.code)), paint(bold, d.headline));
    const std::string place = d.places.empty() ? std::string() : place_text(d.places[0]);
    line("  {} {}{}", paint(blue, "-->"), report.model, place.empty() ? place : ", " + place);
    if (!d.evidence.empty())
      for (const std::string& e : d.evidence) line("   {}  {}", paint(blue, "|"), e);
    else {
      if (!d.expected.empty()) line("   {}  {}", paint(blue, "|"), evidence("expected", d.expected));
      if (!d.found.empty()) line("   {}  {}", paint(blue, "|"), evidence("found", d.found));
    }
    if (!d.why.empty()) line("   {} why: {}", paint(blue, "="), d.why);
    if (d.places.size() > 1) list_places(std::span(d.places).subspan(1));
    list_consequences(d.consequences);
    if (d.fix) fix(d);
    line("  explain: qgraph explain {}", d.code);
  }
};

}  // namespace

std::string render_text(const Report& report, const TextStyle& style) {
  Writer w{.report = report, .style = style};
  for (const Diagnostic& d : report.diagnostics) {
    if (!w.out.empty()) w.out += "\n";
    w.diagnostic(d);
  }
  return std::move(w.out);
}

}  // namespace qgraph::diagnose

namespace qgraph {
std::string Report::to_string() const { return diagnose::render_text(*this); }
}  // namespace qgraph
