// Bytes to a SourceModel: structure first, then what a file says of itself, then its graphs.
#include "formats/tflite/read.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/byte_reader.hpp"
#include "formats/tflite/op_table.hpp"
#include "formats/tflite/reading.hpp"
#include "formats/tflite/structure.hpp"

namespace qgraph::formats::tflite {

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

std::optional<Buffer> buffer_data(Reading& r, std::uint32_t index, Place place) {
  const auto* buffers = r.root.buffers();
  if (!buffers || index >= buffers->size()) return std::nullopt;
  const schema::Buffer& b = *buffers->Get(index);
  if (b.offset() <= 1) return Buffer{r.state.file.owner, bytes_of(b.data())};
  if (const auto bytes = ByteReader(r.state.file.bytes).slice(b.offset(), b.size())) return Buffer{r.state.file.owner, *bytes};
  auto& f =
      add_finding(r, "QG1014", Cause::unreadable_file,
                  fmt::format("the data of buffer {} lie outside of the file: {} bytes at byte {}", index, b.size(), b.offset()),
                  std::move(place));
  f.diagnostic.found = fmt::format("a file of {} bytes", r.state.file.bytes.size());
  f.diagnostic.why = "the file was cut off, or what lies behind its flatbuffer was lost when it was rewritten";
  return std::nullopt;
}

namespace {

constexpr std::string_view identifier = "TFL3";
constexpr int schema_version = 3;

void check_identifier(Reading& r) {
  const std::string_view found = *ByteReader(r.state.file.bytes).text(4, 4);
  if (found == identifier) return;
  std::string shown;
  for (const char c : found)
    shown += c >= 0x20 && c < 0x7F ? std::string(1, c)
                                   : fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  auto& f = add_finding(r, "QG1012", Cause::unreadable_file,
                        fmt::format("the file identifier is '{}' in place of '{}'", shown, identifier), {.byte_offset = 4});
  f.diagnostic.expected = identifier;
  f.diagnostic.found = shown;
  f.diagnostic.evidence = {fmt::format("all that follows is a sound file of schema version {}", r.root.version())};
  f.diagnostic.why = "other runtimes look at the identifier first and refuse the file";
  f.diagnostic.fix = Fix{"set-file-identifier", Confidence::safe, fmt::format("write '{}'", identifier), 0.0};
  f.edits = {source::SetFileIdentifier{std::string(identifier)}};
}

void check_version(Reading& r) {
  const std::uint32_t version = r.root.version();
  if (version == schema_version) return;
  auto& f = add_finding(r, "QG1013", Cause::unsupported_version, fmt::format("schema version {} does not exist", version), {});
  f.diagnostic.places[0].attribute = "version";
  f.diagnostic.expected = "3";
  f.diagnostic.found = fmt::format("{}", version);
  const auto* buffers = r.root.buffers();
  if (buffers && buffers->size() > 1) {
    f.diagnostic.evidence = {fmt::format("weights are in {} buffers, which only version 3 has", buffers->size())};
    f.diagnostic.fix = Fix{"set-schema-version", Confidence::safe, "write version 3", 0.0};
    f.edits = {source::SetFileVersion{schema_version}};
  }
  f.diagnostic.why = "runtimes refuse every version but 3";
}

/// Everything in the file needs aligned scalars; a host's own memory may lie anywhere.
Buffer aligned(const Buffer& file) {
  if (reinterpret_cast<std::uintptr_t>(file.bytes.data()) % 8 == 0) return file;
  return Buffer::copy_of(file.bytes);
}

bool any_has_rank(const schema::Model& root) {
  for (const schema::SubGraph* g : *root.subgraphs()) {
    if (!g->tensors()) continue;
    for (const schema::Tensor* t : *g->tensors())
      if (t->has_rank()) return true;
  }
  return false;
}

std::size_t tensors_with_parameters(const schema::Model& root) {
  std::size_t count = 0;
  for (const schema::SubGraph* g : *root.subgraphs()) {
    if (!g->tensors()) continue;
    for (const schema::Tensor* t : *g->tensors()) count += t->quantization() ? 1U : 0U;
  }
  return count;
}

/// Graphs, tensors and nodes within their limits. Only numbers are looked at.
bool counts_fit(Reading& r) {
  std::uint64_t nodes = 0, tensors = 0;
  for (const schema::SubGraph* g : *r.root.subgraphs()) {
    nodes += g->operators() ? g->operators()->size() : 0;
    tensors += g->tensors() ? g->tensors()->size() : 0;
  }
  if (nodes > r.state.budgets.nodes || r.root.subgraphs()->size() > r.state.budgets.nodes) r.over_limit("nodes");
  if (tensors > r.state.budgets.tensors) r.over_limit("tensors");
  return !r.stopped;
}

}  // namespace

std::unique_ptr<source::Model> read(ReadContext& context) {
  const Budgets budgets = context.budgets ? *context.budgets : Budgets{};
  auto state = std::make_shared<State>();
  state->file = aligned(context.file);
  state->budgets = budgets;
  const std::span<const std::byte> bytes = state->file.bytes;
  if (bytes.size() < 8 || !verify(bytes, budgets)) {
    context.findings->add(explain_structure(bytes, budgets));
    return nullptr;
  }
  state->root = schema::GetModel(bytes.data());

  auto model = std::make_unique<source::Model>();
  model->format = "tflite";
  model->op_rows = op_table();
  model->file = state->file;
  model->path = context.path.string();
  model->format_state = state;
  model->format_version = static_cast<int>(std::min<std::uint32_t>(state->root->version(), 0x7FFFFFFF));
  model->producer = text(state->root->description());

  Reading r{context, *state, *model, *state->root};
  r.elements_left = bytes.size() / 4 * 16 + (1U << 20);
  r.decoded_left = budgets.decoded_bytes;
  check_identifier(r);
  check_version(r);
  if (!r.root.subgraphs() || r.root.subgraphs()->size() == 0) {
    auto& f = add_finding(r, "QG1011", Cause::unreadable_file, "the file has no graph", {});
    f.diagnostic.why = "its list of subgraphs is empty or missing";
    f.breaks = {diagnose::Fact::file()};
    return nullptr;
  }
  if (!counts_fit(r)) return nullptr;
  r.uses_has_rank = any_has_rank(r.root);

  const std::uint32_t graphs = r.root.subgraphs()->size();
  model->graphs.resize(graphs);
  model->sites.reserve(tensors_with_parameters(r.root));
  for (std::uint32_t g = 0; g < graphs && !r.stopped; ++g) read_tensors(r, g);
  if (!r.stopped) finish_sites(r);
  for (std::uint32_t g = 0; g < graphs && !r.stopped; ++g) read_nodes(r, g);
  for (std::uint32_t g = 0; g < graphs && !r.stopped; ++g) finish_tensors(r, g);
  if (!r.stopped) read_signatures(r);
  if (!r.stopped) read_metadata(r);
  if (r.stopped) return nullptr;
  return model;
}

}  // namespace qgraph::formats::tflite
