// QG3301: the file's metadata name one dtype, the weights look like another.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "diagnose/rule.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

struct Extent {
  double min = 0, max = 0;
};

/// Smallest and largest, where all values are whole numbers of the int8 range and not only zeros and ones.
std::optional<Extent> looks_like_int8(const source::Model& m, TensorRef t) {
  const auto values = m.numbers(t);
  if (!values || values->empty()) return std::nullopt;
  const auto whole = [](double x) { return x == std::trunc(x) && x >= -128 && x <= 127; };
  if (!std::ranges::all_of(*values, whole)) return std::nullopt;
  const auto [low, high] = std::ranges::minmax(*values);
  if (low >= 0 && high <= 1) return std::nullopt;
  return Extent{low, high};
}

void check(const RuleContext& c, Findings& out) {
  const source::Model& m = c.model;
  const auto entry = m.metadata.find("dtype");
  const auto dtype = entry == m.metadata.end() ? std::nullopt : dtype_from_name(entry->second);
  if (!dtype) return;
  for (std::uint32_t g = 0; g < m.graphs.size(); ++g)
    for (std::uint32_t n = 0; n < m.graphs[g].nodes.size(); ++n) {
      const NodeRef ref{g, n};
      const source::SourceNode& node = m[ref];
      const OpRow* row = row_of(m, node);
      const TensorRef t = row ? operand(m, node, *row, "weights") : source::no_tensor;
      if (!t || t.dangling() || !m[t].data.exists() || m.attribute(node, "dtype")) continue;
      const DType stored = m[t].dtype;
      std::string evidence_text;
      if (is_float(*dtype) && stored == *dtype) {
        const auto extent = looks_like_int8(m, t);
        if (!extent) continue;
        evidence_text = fmt::format("whole numbers from {} to {}, all of them", extent->min, extent->max);
      } else if (is_float(*dtype) != is_float(stored) && stored != DType::unknown) {
        if (is_float(*dtype) && source::site_of(m, c.uses, t)) continue;  // weights may be quantized in a model of floats
        evidence_text = type_text(m[t]);
      } else {
        continue;
      }
      Finding f{};
      Diagnostic& d = f.diagnostic;
      d.severity = Severity::warning;
      d.cause = Cause::dtype_contradiction;
      d.headline =
          fmt::format("the metadata say {}, the weights of {} look like int8", entry->second, in_quotes(m.display_name(ref)));
      if (stored != *dtype)
        d.headline = fmt::format("the metadata say {}, the weights of {} are {}", entry->second, in_quotes(m.display_name(ref)),
                                 name(stored));
      d.places.push_back(m.place(ref, t));
      d.expected = entry->second;
      d.found = stored == *dtype ? "int8" : std::string(name(stored));
      d.evidence = {evidence("metadata", "dtype " + entry->second), evidence("weights", evidence_text)};
      d.why = "the weights were quantized and the metadata left as they were, or the other way round";
      d.fix = Fix{.id = "give-dtype",
                  .confidence = Confidence::needs_input,
                  .description = "set the metadata's dtype to int8 and give the scale, or give the node a dtype of its own"};
      f.rests_on = {Fact::tensor(t, Aspect::data)};
      out.add(std::move(f));
    }
}

}  // namespace

extern constexpr Rule metadata_dtype_contradiction{
    .code = "QG3301",
    .title = "the metadata's dtype contradicts the weights",
    .phase = Phase::agreement,
    .reads_data = true,
    .explanation =
        R"(The file's metadata have an entry `dtype`, and weights of a node that says nothing itself are of another kind:
integers where floats are promised, or float32 whose values are all whole numbers between -128 and 127, as quantized
weights are. Such floats are possible, so this is a warning, and the declared dtype is what counts.

It comes about when weights are quantized by a script that leaves the rest of the file alone. Set the metadata's dtype
to what the weights are, and give the scale; or give the node its own `dtype`, which comes before the metadata's.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
