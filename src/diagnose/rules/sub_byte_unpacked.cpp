// QG3106: a 2-bit or 4-bit constant with a whole byte for each element.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "diagnose/stored_bytes.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  each_tensor(c.model, [&](source::TensorRef t, const source::SourceTensor& tensor) {
    if (broken.has(Fact::tensor(t, Aspect::dtype)) || broken.has(Fact::tensor(t, Aspect::data))) return;
    const StoredBytes s = stored_bytes(c, t);
    if (s.verdict != Stored::unpacked) return;
    const std::string what = constant_text(c, t);
    Finding f = finding(Severity::error, Cause::data_size_mismatch,
                        fmt::format("{} {} declared {} but stored with a byte for each element", what,
                                    plural(what) ? "are" : "is", name(tensor.dtype)),
                        {place_of_constant(c, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = fmt::format("{} elements in a byte", 8 / bits(tensor.dtype));
    d.found = fmt::format("{} with 1 element in a byte", name(tensor.dtype));
    d.evidence = {evidence("declared", fmt::format("{}, {}", type_text(tensor), counted(s.needed, "byte"))),
                  evidence("stored", fmt::format("{}: exactly one for each element", counted(s.present, "byte")))};
    d.why =
        "the quantizer set the dtype and did not pack the elements; runtimes that do not compare the sizes read wrong weights";
    const Result<Buffer> data = c.model.data(t);
    const DType wide = is_signed(tensor.dtype) ? DType::int8 : DType::uint8;
    const auto values =
        data.ok()
            ? source::decode_numbers(wide, data->bytes, static_cast<std::size_t>(s.elements)).value_or(std::vector<double>{})
            : std::vector<double>{};
    const IntegerRange range = integer_range(tensor.dtype);
    const bool fit = !values.empty() && std::ranges::all_of(values, [&](double v) {
      return v >= static_cast<double>(range.min) && v <= static_cast<double>(range.max);
    });
    if (fit) {
      const auto [low, high] = std::ranges::minmax(values);
      d.evidence.push_back(evidence("values", fmt::format("{} to {}: each fits {}", low, high, name(tensor.dtype))));
      if (auto packed = source::encode_numbers(tensor.dtype, values)) {
        d.fix = fix("pack", Confidence::likely,
                    fmt::format("pack the elements of {}, low bits first", in_quotes(c.model.display_name(t))), 0.0);
        f.edits = {source::SetData{t, Buffer::copy_of(*packed)}};
      }
    }
    f.breaks = {Fact::tensor(t, Aspect::data)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule sub_byte_unpacked{
    .code = "QG3106",
    .title = "a sub-byte constant is stored unpacked",
    .phase = Phase::sizes,
    .explanation =
        R"(Elements of 2 and 4 bits are stored packed, several in a byte, low bits first. Here each has a byte of its own: the
tool set the dtype and left the bytes. A runtime that does not compare sizes takes pairs of wrong values from the
first half.

Where every value fits the dtype, the mend packs them.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
