// QG3101: a constant has exactly the bytes that its shape needs in another dtype.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "diagnose/stored_bytes.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

/// The stored floats as integers of the declared dtype, by the tensor's own scales; nothing unless each is one of its steps.
std::optional<std::vector<std::byte>> quantized_by_own_scale(const RuleContext& c, source::TensorRef t, std::size_t elements) {
  const source::SourceTensor& tensor = c.model[t];
  const source::QuantizationSite* site = source::site_of(c.model, c.uses, t);
  const Result<Buffer> data = c.model.data(t);
  if (!site || !site->scales.known || site->scales.values.empty() || site->block_size != 0 || !data.ok()) return std::nullopt;
  auto decoded = source::decode_numbers(DType::float32, data->bytes, elements);
  if (!decoded) return std::nullopt;
  std::vector<double>& values = *decoded;
  const std::vector<double>& scales = site->scales.values;
  std::size_t inner = 1;  // elements of one step along the axis
  if (scales.size() > 1) {
    const auto axis = static_cast<std::size_t>(site->axis);
    if (site->axis < 0 || axis >= tensor.shape.rank() || tensor.shape[axis] != static_cast<std::int64_t>(scales.size()))
      return std::nullopt;
    for (std::size_t d = axis + 1; d < tensor.shape.rank(); ++d) inner *= static_cast<std::size_t>(tensor.shape[d]);
  }
  const IntegerRange range = integer_range(tensor.dtype);
  const std::vector<double>& zeros = site->zero_points.values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t k = scales.size() > 1 ? i / inner % scales.size() : 0;
    if (!(scales[k] > 0)) return std::nullopt;
    const double zero = zeros.empty() ? 0 : zeros[zeros.size() > 1 ? std::min(k, zeros.size() - 1) : 0];
    const double step = values[i] / scales[k], whole = std::nearbyint(step);
    const double q = whole + zero;
    if (std::fabs(step - whole) > 1e-2 || q < static_cast<double>(range.min) || q > static_cast<double>(range.max))
      return std::nullopt;
    values[i] = q;
  }
  return source::encode_numbers(tensor.dtype, values);
}

void mend(const RuleContext& c, source::TensorRef t, const StoredBytes& s, Finding& f) {
  const source::SourceTensor& tensor = c.model[t];
  const source::QuantizationSite* site = source::site_of(c.model, c.uses, t);
  Diagnostic& d = f.diagnostic;
  const std::string called = in_quotes(c.model.display_name(t));
  if (s.dtype == DType::float32 && is_integer(tensor.dtype) && site) {
    auto bytes = quantized_by_own_scale(c, t, static_cast<std::size_t>(s.elements));
    if (!bytes) return;
    d.evidence.push_back(evidence("steps", "every value is a whole multiple of the tensor's own scale"));
    d.why = "the tensor was labelled as quantized, and its floats were left in place";
    d.fix =
        fix("quantize-data", Confidence::likely, fmt::format("store {} as {} by its own scale", called, name(tensor.dtype)), 0.0);
    f.edits = {source::SetData{t, Buffer::copy_of(*bytes)}};
    return;
  }
  const bool integers = is_integer(s.dtype);
  if (integers && quantized(s.dtype) != DType::unknown && is_float(tensor.dtype) && (!site || !site->scales.known)) {
    d.fix = fix("give-scale", Confidence::needs_input, fmt::format("the scale of {} is not in the file", called));
    return;
  }
  std::string description = fmt::format("read {} as {}", called, name(s.dtype));
  if (integers && site && site->scales.values.size() == 1)
    description += fmt::format(" with scale {}", number_text(site->scales.values[0]));
  if (integers && site && site->scales.values.size() > 1)
    description += fmt::format(" with its {} scales", site->scales.values.size());
  d.fix = fix("relabel-" + std::string(name(s.dtype)), Confidence::likely, description);
  f.edits = {source::SetDType{t, s.dtype}};
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  each_tensor(c.model, [&](source::TensorRef t, const source::SourceTensor& tensor) {
    if (broken.has(Fact::tensor(t, Aspect::dtype)) || broken.has(Fact::tensor(t, Aspect::data))) return;
    const StoredBytes s = stored_bytes(c, t);
    if (s.verdict != Stored::other_dtype) return;
    const std::uint64_t size = s.present / s.elements;
    const std::string what = constant_text(c, t);
    const bool many = plural(what);
    Finding f = finding(Severity::error, Cause::dtype_contradiction,
                        fmt::format("{} {} {}-byte values but {} declared {}", what, many ? "hold" : "holds", size,
                                    many ? "are" : "is", name(tensor.dtype)),
                        {place_of_constant(c, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = s.dtype == DType::unknown ? fmt::format("a dtype of {}", counted(size, "byte")) : std::string(name(s.dtype));
    d.found = std::string(name(tensor.dtype));
    d.evidence = {evidence("declared", fmt::format("{}, {}", type_text(tensor), counted(s.needed, "byte"))),
                  evidence("stored", fmt::format("{}: exactly {} for each element", counted(s.present, "byte"),
                                                 size == 1 ? "one" : std::to_string(size)))};
    for (const std::string& g : s.grounds) d.evidence.push_back(g);
    d.why = s.present < s.needed ? "a quantizer replaced the bytes and left the declared dtype as it was"
                                 : "the declared dtype was changed and the bytes were left as they were";
    if (s.dtype != DType::unknown) mend(c, t, s, f);
    f.breaks = {Fact::tensor(t, Aspect::dtype), Fact::tensor(t, Aspect::data)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule dtype_contradicts_bytes{
    .code = "QG3101",
    .title = "declared dtype contradicts the stored bytes",
    .phase = Phase::sizes,
    .explanation =
        R"(A constant's bytes are exactly as many as its shape needs in another dtype: weights declared float32 with one byte for
each element are 8-bit integers; weights declared int8 with four are floats. A quantizer (or its undoing) changed the
one and not the other.

The mend relabels the tensor where a scale stands beside it, or, where floats are whole multiples of the tensor's own
scale, stores them as the integers that the file declares. Where a scale is needed and not there, it must be given.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
