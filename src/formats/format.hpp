// A format is a folder and one table of functions. formats.cpp lists those that are built in (generated from the folders).
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "diagnose/finding.hpp"
#include "qgraph/load.hpp"
#include "source/edits.hpp"
#include "source/op_row.hpp"
#include "source/source_model.hpp"

namespace qgraph {

struct ReadContext {
  Buffer file{};
  std::filesystem::path path{};  ///< empty: from memory; external data is then refused
  const Budgets* budgets = nullptr;
  diagnose::Findings* findings = nullptr;  ///< problems of the bytes and the structure
};

struct Format {
  std::string_view name{};        ///< "tflite"
  std::string_view title{};       ///< "TensorFlow Lite"
  std::string_view extensions{};  ///< ".tflite .lite"
  /// How sure the bytes are of this format: 0 no, 1 perhaps (by the extension), 2 by structure, 3 by a magic number.
  int (*sniff)(std::span<const std::byte> bytes, std::string_view extension) = nullptr;
  /// The SourceModel as far as it can be read; null where nothing can. Problems go to findings.
  std::unique_ptr<source::Model> (*read)(ReadContext&) = nullptr;
  /// The file's bytes with the edits made, all else untouched. `model`: as read, without the edits. Null: not writable.
  Result<std::vector<std::byte>> (*patch)(const source::Model& model, std::span<const source::Edit> edits) = nullptr;
  /// A file from a Graph alone. Null: not yet.
  Result<std::vector<std::byte>> (*write)(const Model& model) = nullptr;
  /// A Model straight from the bytes, for formats that hold a canonical Graph (.qg); then `read` may be null.
  Result<Model> (*read_graph)(ReadContext&) = nullptr;
  std::span<const OpRow> ops{};
};

std::span<const Format* const> all_formats() noexcept;
const Format* find_format(std::string_view name) noexcept;
/// Is it an ending of this format, ".tflite"?
bool has_extension(const Format& format, std::string_view extension) noexcept;
/// The format of these bytes, or null; then `findings` says what they are instead (empty, Git LFS pointer, HTML, zip, ...).
const Format* sniff(std::span<const std::byte> bytes, const std::filesystem::path& path, diagnose::Findings* findings);

}  // namespace qgraph
