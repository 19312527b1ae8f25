// Bytes to a SourceModel: structure first, then what a file says of itself, its functions, and its graph.
#include "formats/onnx/read.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "formats/onnx/op_table.hpp"
#include "formats/onnx/reading.hpp"
#include "formats/onnx/schema.hpp"

namespace qgraph::formats::onnx {

diagnose::Finding& add_finding(Reading& r, std::string_view code, Cause cause, std::string headline, Place place) {
  diagnose::Finding f;
  f.diagnostic.code = code;
  f.diagnostic.cause = cause;
  f.diagnostic.headline = std::move(headline);
  f.diagnostic.places.push_back(std::move(place));
  return r.context.findings->add(std::move(f));
}

void Reading::over_limit(std::string_view what) {
  if (stopped) return;
  stopped = true;
  auto& f = add_finding(*this, "QG9002", Cause::resource_limit, fmt::format("the model has more {} than the limit", what), {});
  f.diagnostic.why = "the limits are LoadOptions::budgets";
  f.breaks = {diagnose::Fact::file()};
}

std::string_view domain_name(std::string_view stored) noexcept { return stored.empty() ? std::string_view("ai.onnx") : stored; }

void read_opset(Bytes message, Opsets& opsets) {
  std::string_view domain;
  std::int64_t version = 0;
  for_each_field(message, [&](const Field& f) {
    if (f.is(1, Wire::length)) domain = f.text();
    if (f.is(2, Wire::varint)) version = f.integer();
  });
  opsets[std::string(domain_name(domain))] = static_cast<int>(std::clamp<std::int64_t>(version, 0, 0x7FFFFFFF));
}

namespace {

std::string_view words(Flaw flaw) {
  switch (flaw) {
    case Flaw::cut_off: return "reaches over the end of what it lies in";
    case Flaw::varint_too_long: return "has a number of more than 64 bits";
    case Flaw::field_zero: return "has a field without a valid number";
    case Flaw::wire_type: return "has a field of a kind that does not exist";
    case Flaw::group_end: return "has a group that does not end where it should";
    case Flaw::too_deep: return "lies deeper than the limit";
    case Flaw::none: break;
  }
  return "is sound";
}

std::string path_of(const Flawed& flawed) {
  std::string path;
  for (std::size_t i = 0; i < flawed.depth; ++i)
    path += fmt::format("{}{}[{}]", path.empty() ? "" : ".", flawed.path[i], flawed.index[i]);
  return path.empty() ? "the model" : path;
}

/// Does the outermost message end beyond the file? Then it was cut off.
bool is_truncated(Bytes file) {
  MessageReader reader(file);
  for (Field f; reader.next(f);) {}
  return reader.flaw() == Flaw::cut_off;
}

/// How many bytes the field needs that the file is too short for.
std::optional<std::uint64_t> bytes_needed(Bytes file) {
  MessageReader reader(file);
  Field f;
  std::size_t begin = 0;
  while (reader.next(f)) begin = reader.position();
  Flaw flaw{};
  std::size_t at = begin;
  if (!read_varint(file, at, flaw)) return std::nullopt;
  const auto length = read_varint(file, at, flaw);
  if (!length || *length > (std::uint64_t{1} << 40)) return std::nullopt;
  return at + *length;
}

diagnose::Finding explain(Bytes file, const Flawed& flawed) {
  diagnose::Finding f;
  Diagnostic& d = f.diagnostic;
  d.places = {{.byte_offset = static_cast<std::int64_t>(flawed.offset)}};
  f.breaks = {diagnose::Fact::file()};
  if (flawed.flaw == Flaw::too_deep) {
    d.code = "QG9002";
    d.cause = Cause::resource_limit;
    d.headline = fmt::format("{} nests deeper than the limit", path_of(flawed));
    d.why = "the limits are LoadOptions::budgets";
    return f;
  }
  d.cause = Cause::unreadable_file;
  if (is_truncated(file)) {
    d.code = "QG1010";
    d.headline = "the file ends before its contents do";
    const auto needed = bytes_needed(file);
    if (needed) d.expected = fmt::format("at least {} bytes", *needed);
    d.found = fmt::format("{} bytes", file.size());
    const Flawed cut = find_cut(file);
    d.places = {{.byte_offset = static_cast<std::int64_t>(cut.offset)}};
    d.evidence = {fmt::format("it ends within {}, in what begins at byte {}", path_of(cut), cut.offset)};
    if (needed) d.evidence.push_back(fmt::format("it has {} bytes and needs at least {}", file.size(), *needed));
    d.why = "it was cut off";
    return f;
  }
  d.code = "QG1011";
  d.headline = "the structure of the file is broken";
  d.evidence = {fmt::format("{} {} at byte {}", path_of(flawed), words(flawed.flaw), flawed.offset)};
  d.why = "a changed byte, or a tool that edits bytes without knowing their structure, does this";
  return f;
}

void read_entry(Bytes message, std::map<std::string, std::string>& out) {
  std::string_view key, value;
  for_each_field(message, [&](const Field& f) {
    if (f.is(1, Wire::length)) key = f.text();
    if (f.is(2, Wire::length)) value = f.text();
  });
  if (value.size() < (1U << 16)) out.emplace(key, value);
}

void note_training(Reading& r) {
  auto& f = add_finding(r, "QG1018", Cause::unsupported_version, "the model's training part is left aside", {});
  f.diagnostic.severity = Severity::note;
  f.diagnostic.why = "it is of no use to inference";
}

}  // namespace

bool looks_like_model(std::span<const std::byte> bytes) noexcept {
  MessageReader reader(bytes);
  bool graph = false, version = false;
  std::size_t behind = 0;
  for (Field f; reader.next(f); behind = reader.position()) {
    if (f.number > 64 || (f.number <= 8 && f.wire != (f.number == 1 || f.number == 5 ? Wire::varint : Wire::length)))
      return false;
    if (f.is(model_field::ir_version, Wire::varint)) version = f.value > 0 && f.value < 100;
    graph = graph || f.is(model_field::graph, Wire::length) || f.is(model_field::opset_import, Wire::length);
  }
  if (reader.flaw() == Flaw::none) return version && graph;
  // A file that was cut off ends within its graph.
  Flaw flaw{};
  const auto tag = read_varint(bytes, behind, flaw);
  return version && reader.flaw() == Flaw::cut_off && (graph || tag == (std::uint64_t{model_field::graph} << 3U | 2U));
}

std::unique_ptr<source::Model> read(ReadContext& context) {
  auto state = std::make_shared<State>();
  state->file = context.file;
  state->budgets = context.budgets ? *context.budgets : Budgets{};
  const Bytes file = state->file.bytes;
  if (const Flawed flawed = find_flaw(file, state->budgets.nesting)) {
    context.findings->add(explain(file, flawed));
    return nullptr;
  }
  auto model = std::make_unique<source::Model>();
  model->format = "onnx";
  model->op_rows = op_table();
  model->file = state->file;
  model->path = context.path.string();
  model->format_state = state;
  Reading r{context, *state, *model};
  r.decoded_left = state->budgets.decoded_bytes;
  r.inlined_left = std::uint64_t{16} * file.size() + (1U << 28U);

  std::optional<Bytes> graph;
  std::string_view producer;
  bool training = false;
  for_each_field(file, [&](const Field& f) {
    if (f.is(model_field::ir_version, Wire::varint))
      model->format_version = static_cast<int>(std::min<std::uint64_t>(f.value, 0x7FFFFFFF));
    if (f.is(model_field::producer_name, Wire::length)) producer = f.text();
    if (f.is(model_field::training_info, Wire::length)) training = true;
    if (f.is(model_field::opset_import, Wire::length)) read_opset(f.bytes, model->domains);
    if (f.is(model_field::metadata_props, Wire::length)) read_entry(f.bytes, model->metadata);
    if (f.is(model_field::functions, Wire::length)) read_function(r, f.bytes);
    if (f.is(model_field::graph, Wire::length)) graph = f.bytes;
  });
  model->producer = producer;
  if (!graph) {
    auto& f = add_finding(r, "QG1011", Cause::unreadable_file, "the file has no graph", {});
    f.diagnostic.why = "ModelProto.graph is missing";
    f.breaks = {diagnose::Fact::file()};
    return nullptr;
  }
  if (training) note_training(r);
  read_graph(r, *graph, nullptr, model->domains, nullptr);
  if (r.stopped) return nullptr;
  find_sites(*model);
  add_annotations(r);
  return model;
}

}  // namespace qgraph::formats::onnx
