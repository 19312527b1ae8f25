// Data in other files, mapped once each. They never lie outside of the model's own folder.
#include <algorithm>
#include <charconv>
#include <filesystem>

#include "core/byte_reader.hpp"
#include "core/mapped_file.hpp"
#include "formats/onnx/reading.hpp"

namespace qgraph::formats::onnx {
namespace {

namespace fs = std::filesystem;
using source::TensorRef;

void missing(Reading& r, TensorRef ref, std::string_view what, std::string why) {
  auto& f =
      add_finding(r, "QG1015", Cause::missing_external_data,
                  fmt::format("the data of '{}' lie in another file: {}", r.model.display_name(ref), what), r.model.place(ref));
  f.diagnostic.why = std::move(why);
  f.breaks = {diagnose::Fact::tensor(ref, diagnose::Aspect::data)};
}

/// Within `folder`, also where links are followed.
bool lies_in(const fs::path& folder, const fs::path& file) {
  std::error_code error;
  const fs::path base = fs::canonical(folder.empty() ? fs::path(".") : folder, error);
  if (error) return false;
  const fs::path target = fs::weakly_canonical(base / file, error);
  if (error) return false;
  return std::mismatch(base.begin(), base.end(), target.begin(), target.end()).first == base.end();
}

bool is_plain_name(const fs::path& name) {
  return !name.empty() && name.is_relative() && std::ranges::none_of(name, [](const fs::path& part) { return part == ".."; });
}

const ExternalFile& open(Reading& r, std::string_view location) {
  const auto known = r.external_files.find(location);
  if (known != r.external_files.end()) return known->second;
  ExternalFile& file = r.external_files[std::string(location)];
  const fs::path name{std::string(location)};
  const fs::path folder = r.context.path.parent_path();
  if (location.find('\0') != std::string_view::npos || !is_plain_name(name)) {
    file.trouble = "its name leads out of the model's folder, or is empty";
  } else if (r.context.path.empty()) {
    file.trouble = "the model was loaded from memory: it has no folder";
  } else if (!lies_in(folder, name)) {
    file.trouble = "it is a link that leads out of the model's folder";
  } else if (auto mapped = map_file(folder / name, r.state.budgets.file_bytes)) {
    file.data = *std::move(mapped);
  } else {
    file.trouble = mapped.error().diagnostics.empty() ? "it cannot be opened" : mapped.error().diagnostics[0].headline;
  }
  return file;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

void read_external(Reading& r, TensorRef ref, const TensorMessage& t) {
  r.model[ref].data.encoding = source::Encoding::missing;
  std::string_view location, offset = "0", length;
  for (const auto& [key, value] : t.entries) {
    if (key == "location") location = value;
    if (key == "offset") offset = value;
    if (key == "length") length = value;
  }
  const ExternalFile& external = open(r, location);
  if (!external.data) return missing(r, ref, fmt::format("'{}'", location), external.trouble);
  const Buffer& file = *external.data;
  const auto from = number(offset);
  const std::uint64_t rest = from && *from <= file.bytes.size() ? file.bytes.size() - *from : 0;
  const source::SourceTensor& declared = r.model[ref];
  const auto elements = declared.shape.elements();
  std::optional<std::uint64_t> size = length.empty() ? rest : number(length);
  if (length.empty() && elements)
    if (const auto wanted = byte_size(declared.dtype, *elements)) size = *wanted;
  if (!from || !size)
    return missing(r, ref, fmt::format("{} bytes at byte {} of '{}'", length, offset, location), "these are no numbers");
  const auto part = ByteReader(file.bytes).slice(*from, *size);
  if (!part)
    return missing(r, ref, fmt::format("{} bytes at byte {} of '{}'", *size, *from, location),
                   fmt::format("that file has {} bytes", file.bytes.size()));
  source::SourceTensor& tensor = r.model[ref];
  tensor.data.encoding = source::Encoding::external;
  tensor.data.bytes = lies_aligned(*part, tensor.dtype) ? Buffer{file.owner, *part} : Buffer::copy_of(*part);
}

}  // namespace qgraph::formats::onnx
